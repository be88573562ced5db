"""Train, restore, score and judge ways of denoising fluorescence microscopy images.

The submodules are the public surface; ``import denoisekit`` loads none of them.
"""

__version__ = "0.1.0"
