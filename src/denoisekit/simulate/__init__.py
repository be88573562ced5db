"""Simulation of short and long exposures of cells under a widefield microscope."""
