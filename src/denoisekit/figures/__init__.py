"""Figures, drawn from arrays and tables."""
