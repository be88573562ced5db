"""Simulate pairs of short and long exposures of cells under a widefield microscope."""

from denoisekit.simulate.camera import Camera, CameraSettings
from denoisekit.simulate.optics import Microscope, Optics, widefield_psf
from denoisekit.simulate.pairs import STRUCTURES, SimulatedPair, simulate_pairs

__all__ = [
    "STRUCTURES",
    "Camera",
    "CameraSettings",
    "Microscope",
    "Optics",
    "SimulatedPair",
    "simulate_pairs",
    "widefield_psf",
]
