"""Small scenes and a camera for tests of noise, filters and registration."""

import numpy as np
from scipy import ndimage


def blobs(seed: int, side: int = 256) -> np.ndarray:
    """Blurred spots of many brightnesses on a smooth ground, from 0 to about 1."""
    rng = np.random.default_rng(seed)
    image = (rng.random((side, side)) < 0.004) * rng.uniform(0.2, 1, (side, side))
    image = ndimage.gaussian_filter(image, 1.8) + 0.5 * ndimage.gaussian_filter(image, 15)
    return image / np.percentile(image, 99.9)


def camera(
    photons: np.ndarray, *, gain: float, offset: float, read_noise: float, seed: int
) -> np.ndarray:
    """Take a picture in whole counts."""
    rng = np.random.default_rng(seed)
    counts = gain * rng.poisson(photons) + rng.normal(offset, read_noise, photons.shape)
    return np.round(counts).clip(0, 65535).astype(np.uint16)


def moved(scene: np.ndarray, y: float, x: float) -> np.ndarray:
    """Displace a smooth scene; what leaves one side enters at the other."""
    spectrum = ndimage.fourier_shift(np.fft.fft2(scene), (y, x))
    return np.fft.ifft2(spectrum).real.clip(0)
