"""Richardson-Lucy deconvolution: of planes, or along z of stacks with planes left out."""

import itertools
from collections.abc import Iterator

import numpy as np
from scipy import fft, ndimage

from denoisekit.errors import InputError
from denoisekit.filters._calibration import Filtered
from denoisekit.images import sparse as geometry
from denoisekit.noise import thinning

#: What chooses the number of iterations by halves of an image's photons.
AUTO = "auto"
#: How many there are at most when they are chosen: later ones change little but time.
MOST = 100
# CARE normalises by it, too: what is darker is taken for the camera's offset and background.
_DARK_PERCENTILE = 2.0
_SMALLEST = 1e-12
# Bands of spatial frequency, in cycles per px: from where the point spread function lets next to
# nothing of the power pass, within these limits, and the finest that there are.
_LOWEST, _HIGHEST, _WIDTH, _FINEST = 0.05, 0.35, 0.05, 0.45
_PASSED = 1e-10
# By how much the noise of the first may exceed that of the second.
_WHITE = 8.0


def restore(
    image: np.ndarray,
    *,
    iterations: int | str,
    sigma_um: float | None = None,
    pixel_size_um: float | None = None,
    sparse: geometry.Sparse | None = None,
    usable: np.ndarray | None = None,
) -> Filtered:
    """Deconvolve an image by Richardson-Lucy, of a Gaussian point spread function.

    What lies below the second percentile is taken off and cut, so that nothing is below zero, and
    added again. A stack between whose planes others are left out is interpolated linearly onto
    isotropic voxels, and loses along z alone the blur that its planes do not show.

    Parameters
    ----------
    image
        (Y, X). Of a sparse stack, the stack as it is by linear interpolation; not used.
    iterations
        How many; noise grows with each. ``auto``: as many, `MOST` at most, as make one half of the
        image's photons tell most of the other half, once blurred again.
    sigma_um
        Standard deviation of the point spread function in micrometres; None of a sparse stack.
    pixel_size_um
        Side of a pixel, for `sigma_um`.
    sparse
        A stack's planes, where it is to be restored, and how wide its point spread function is.
    usable
        Not used: nothing is learned.

    Raises
    ------
    InputError
        If neither planes nor a point spread function are given, or the number of iterations is to
        be chosen by photons that cannot be shared out.

    References
    ----------
    .. [1] W. H. Richardson, "Bayesian-based iterative method of image restoration", Journal of the
       Optical Society of America 62, 1972, doi:10.1364/JOSA.62.000055.
    .. [2] L. B. Lucy, "An iterative technique for the rectification of observed distributions",
       Astronomical Journal 79, 1974, doi:10.1086/111605.
    """
    if sparse is not None:
        return _between_planes(sparse, iterations)
    told = f"an image of {' x '.join(map(str, image.shape))} px"
    if sigma_um is None or pixel_size_um is None:
        raise InputError(
            f"The filter richardson-lucy was given {told}, of which no planes are left out, without"
            " the width of its point spread function or the size of its pixels; give 'sigma_um', "
            "or take another filter."
        )
    if image.ndim != 2:
        raise InputError(
            f"The filter richardson-lucy deconvolves planes, but was given {told}; take another "
            "filter."
        )
    sigma = (sigma_um / pixel_size_um,) * 2
    count = _chosen(image, sigma) if iterations == AUTO else int(iterations)
    dark = float(np.percentile(image, _DARK_PERCENTILE))
    sharp = deconvolved(_above(image, dark), sigma=sigma, iterations=count)
    return Filtered((sharp + dark).astype(np.float32), {"iterations": count})


def _between_planes(sparse: geometry.Sparse, iterations: int | str) -> Filtered:
    if iterations == AUTO:
        raise InputError(
            "The filter richardson-lucy cannot choose its iterations of a stack of which planes "
            "are left out, whose interpolated photons cannot be shared out; give their number."
        )
    grid = geometry.isotropic_grid(len(sparse.planes), sparse.step)
    dense = geometry.linear(sparse.planes, grid / sparse.step).astype(np.float64)
    dark = float(np.percentile(sparse.planes, _DARK_PERCENTILE))
    sharp = deconvolved(
        _above(dense, dark), sigma=(sparse.missing_px, 0, 0), iterations=int(iterations)
    )
    return Filtered(sparse.read_off(sharp + dark), {"iterations": int(iterations)})


def _above(image: np.ndarray, dark: float) -> np.ndarray:
    return np.maximum(image.astype(np.float64) - dark, 0)


def deconvolved(
    image: np.ndarray,
    *,
    sigma: tuple[float, ...],
    iterations: int,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Undo a Gaussian blur by Richardson-Lucy.

    At the borders images go on as their mirror, so that the blur keeps the sum of all pixels and is
    its own transpose. From the first iteration on, what is returned has as large a sum as the
    image, no pixel below zero, and after each a Poisson likelihood that is not less than before.

    Parameters
    ----------
    image
        Not below zero, any number of axes.
    sigma
        Standard deviation of the blur along each axis in px, 0 for none.
    iterations
        How many.
    start
        What to begin with, not below zero; None for the image's mean everywhere.
    """
    estimate = np.full(image.shape, image.mean()) if start is None else start.astype(np.float64)
    steps = _steps(image, sigma, estimate)
    return next(itertools.islice(steps, iterations - 1, None)) if iterations else estimate


def _steps(
    image: np.ndarray, sigma: tuple[float, ...], estimate: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield what each iteration makes of an estimate."""
    while True:
        seen = _blurred(estimate, sigma)
        ratio = np.divide(image, seen, out=np.zeros_like(seen), where=seen > _SMALLEST)
        estimate = estimate * _blurred(ratio, sigma)
        yield estimate


def _blurred(image: np.ndarray, sigma: tuple[float, ...]) -> np.ndarray:
    blurred: np.ndarray = ndimage.gaussian_filter(image, sigma, mode="reflect")
    return blurred


def _chosen(image: np.ndarray, sigma: tuple[float, ...]) -> int:
    """Return after how many iterations one half of the photons tells most of the other half.

    That is where the other half's Poisson likelihood is largest, given the deconvolved half blurred
    again (cross-validation by binomial thinning).

    Raises
    ------
    InputError
        If the image's photons cannot be shared out.
    """
    if is_correlated(image, sigma_px=sigma[0]):
        raise InputError(
            "The filter richardson-lucy cannot choose its iterations: noise of neighbouring pixels "
            "is alike, as of an image that was enlarged or smoothed, whose photons cannot be "
            "shared out; give their number."
        )
    light = thinning.measure_light({"": lambda: image}).get("")
    if light is None:
        raise InputError(
            "The filter richardson-lucy cannot choose its iterations: the noise of the image does "
            "not tell how it counts photons, which are to be shared out; give their number."
        )
    halves = thinning.thin(
        image,
        light,
        kept=0.5,
        rng=np.random.default_rng(0),
        name="The image to deconvolve",
    )
    dark = float(np.percentile(image, _DARK_PERCENTILE))
    # What was taken off is light, too, but for the camera's offset.
    base = max(dark - light.zero, 0.0)
    half, rest = _above(halves.kept, dark), halves.rest.astype(np.float64) - dark + base
    best, likelihood = 1, -np.inf
    steps = _steps(half, sigma, np.full(half.shape, half.mean()))
    for number, estimate in zip(range(1, MOST + 1), steps, strict=False):
        seen = np.maximum(_blurred(estimate, sigma) + base, _SMALLEST)
        found = float(np.mean(rest * np.log(seen) - seen))
        if found > likelihood:
            best, likelihood = number, found
    return best


def is_correlated(image: np.ndarray, *, sigma_px: float) -> bool:
    """Say whether power falls so steeply towards the finest frequencies as no white noise does.

    Parameters
    ----------
    image
        (Y, X).
    sigma_px
        Standard deviation of its point spread function, beyond which there is noise alone.
    """
    reach = np.sqrt(-np.log(_PASSED)) / (2 * np.pi * sigma_px)
    start = float(np.clip(reach, _LOWEST, _HIGHEST))
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in image.shape))
    power = np.abs(fft.fft2((image - image.mean()) * window)) ** 2
    frequency = np.hypot(fft.fftfreq(image.shape[0])[:, None], fft.fftfreq(image.shape[1]))
    lower, upper = (
        power[(frequency >= low) & (frequency < low + _WIDTH)].mean() for low in (start, _FINEST)
    )
    return bool(lower > _WHITE * upper)
