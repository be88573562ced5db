"""Restoration by trained networks: inference, posteriors, model folders and their export."""
