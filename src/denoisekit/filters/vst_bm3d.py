"""BM3D between a variance-stabilising transform and its exact unbiased inverse."""

import threading
from types import ModuleType

import numpy as np

from denoisekit import _checks
from denoisekit.errors import InputError
from denoisekit.filters._bm3d import bm3d
from denoisekit.filters._calibration import Filtered, restore_stabilised
from denoisekit.noise.estimate import estimate_noise
from denoisekit.noise.usable import sound

# The blocks of stacks are five planes deep.
_FEWEST_PLANES = 5
# Two calls of a package at a time end the process: of bm3d always, of bmnd where numba has no other
# threads than its own.
_ONE_AT_A_TIME = threading.Lock()


def restore(
    image: np.ndarray, *, package: str | None = None, usable: np.ndarray | None = None
) -> Filtered:
    """Collect similar blocks of an image and shrink them together, after evening out its noise.

    The noise is fitted to the image alone, the generalised Anscombe transform makes its standard
    deviation 1 everywhere, and that is what BM3D is told: nothing else is chosen. Of a stack or a
    movie, blocks of several planes are collected (BM4D, by the package bmnd).

    Parameters
    ----------
    image
        Noisy pixels in any unit, (Y, X), or, of 5 planes or more, (Z, Y, X) or (T, Y, X); 32 or
        more along y and x.
    package
        Whose BM3D: of images our own if None, ``bmnd``, or ``bm3d``, its authors'.
    usable
        Where the noise is to be learned, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings name the noise that was fitted.

    Raises
    ------
    InputError
        If the image has other dimensions, its noise cannot be estimated, or the package bm3d is not
        there.

    References
    ----------
    .. [1] K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image denoising by sparse 3-D
       transform-domain collaborative filtering", IEEE Trans. Image Process. 16 (2007),
       doi:10.1109/TIP.2007.901238.
    .. [2] M. Maggioni, V. Katkovnik, K. Egiazarian, A. Foi, "Nonlocal transform-domain filter for
       volumetric data denoising and reconstruction", IEEE Trans. Image Process. 22 (2013),
       doi:10.1109/TIP.2012.2210725.
    .. [3] M. Makitalo, A. Foi, "Optimal inversion of the generalized Anscombe transformation for
       Poisson-Gaussian noise", IEEE Trans. Image Process. 22 (2013),
       doi:10.1109/TIP.2012.2202675.
    """
    if package is not None:
        _checks.one_of(package, _PACKAGES, name="The package of the filter vst-bm3d")
    _check_shape(image, package)
    image, usable = sound(image, usable, name="The image to restore")

    def smooth(even: np.ndarray) -> np.ndarray:
        if package is None and even.ndim == 2:
            return bm3d(even)
        with _ONE_AT_A_TIME:
            return _PACKAGES[package or "bmnd"](even)

    return restore_stabilised(image, smooth, noise=estimate_noise(image, usable), usable=usable)


def _check_shape(image: np.ndarray, package: str | None) -> None:
    stack = image.ndim == 3 and package != "bm3d"
    if image.ndim != 2 and not stack:
        whose = "" if package is None else f" of the package {package}"
        raise InputError(
            f"The filter vst-bm3d{whose} is for images of two dimensions"
            f"{' and for stacks' * (package != 'bm3d')}, but this one has "
            f"{_checks.shape_text(image)} pixels; give it plane by plane."
        )
    if stack and len(image) < _FEWEST_PLANES:
        raise InputError(
            f"The filter vst-bm3d needs {_FEWEST_PLANES} planes of a stack or more, but this one "
            f"has {_checks.shape_text(image)} pixels; give it plane by plane."
        )


def _bmnd(image: np.ndarray) -> np.ndarray:
    # It compiles what it calls, for seconds.
    import bmnd

    profile = bmnd.BM3DProfile() if image.ndim == 2 else bmnd.BM4DProfile()
    return bmnd.bmnd(image, profile, sigma=1.0)


def _bm3d(image: np.ndarray) -> np.ndarray:
    package = _original()
    profile = package.BM3DProfile()
    # With more threads, its sums differ from run to run.
    profile.num_threads = 1
    return package.bm3d(image, 1.0, profile=profile)


_PACKAGES = {"bmnd": _bmnd, "bm3d": _bm3d}


def _original() -> ModuleType:
    """Import the authors' BM3D, whose licence keeps it from being required of everybody."""
    try:
        import bm3d
    except (ImportError, OSError) as error:  # OSError: no binary for this machine.
        raise InputError(
            "The option package: bm3d of the filter vst-bm3d needs that package, which cannot be "
            f"loaded ({error}); install it with 'pip install bm3d' (its licence allows "
            "non-commercial use only), or leave the option out."
        ) from error
    return bm3d
