"""Printed numbers of papers: read, audited, and set beside those of a study."""
