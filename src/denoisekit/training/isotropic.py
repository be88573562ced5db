"""Learn from a stack's own planes what it is like along z: planes, made as blurred and as sparse.

A plane of a stack is sharper and finer sampled than its sections along z. Blurred along one axis by
what planes lack of the point spread function, and sampled as planes are, it shows what sections
would look like of a structure that is known: the plane itself. That holds where structures look
alike along all axes.

Sources: Weigert et al. 2018, doi 10.1038/s41592-018-0216-7; CSBDeep 0.8.1, data/transform.py
(``anisotropic_distortions``).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from denoisekit.errors import InputError
from denoisekit.images.normalization import signal_percentiles
from denoisekit.images.sparse import Sparse, check_structure, isotropic_grid, linear
from denoisekit.images.voxels import check_patch
from denoisekit.noise import units
from denoisekit.noise.estimate import NoiseFit
from denoisekit.training.patches import ImagePatches, cut, extract_patches

# Beyond so many standard deviations nothing is left of a Gaussian.
_WIDEST = 4.0
_NARROWEST = 1e-6
# CARE's percentiles, of which each patch is normalised by another pair.
_LOW_PERCENTILES, _HIGH_PERCENTILES = (1.0, 3.0), (99.5, 99.9)
# What the published recipe multiplies patches by, and adds to them.
_FACTORS, _LEVELS = (0.5, 2.0), (-1.0, 1.0)


@dataclass(frozen=True)
class Recipe:
    """How planes are made like sections along z.

    Attributes
    ----------
    step
        How many pixels planes lie apart.
    lateral_px, axial_px
        Standard deviations of the point spread function within planes and along z, in px.
    noise
        Photon-transfer line of the stack, which the published recipe does not look at.
    as_published
        Whether to do what CSBDeep 0.8.1 and its examples do: blur by ``axial - lateral`` along the
        axis and by ``lateral`` across it, as if black lay around the plane; add photon noise to
        raw values; zoom down and up corner by corner; normalise both by their own percentiles.
    """

    step: float
    lateral_px: float
    axial_px: float
    noise: NoiseFit | None
    as_published: bool

    @property
    def missing_px(self) -> float:
        """Standard deviation of the blur that planes lack, ``sqrt(axial^2 - lateral^2)``."""
        return math.sqrt(self.axial_px**2 - self.lateral_px**2)


def recipe_of(stack: Sparse, *, as_published: bool, name: str) -> Recipe:
    """Return how planes of a stack are made like its sections, with its own noise.

    Parameters
    ----------
    stack
        Its planes are of one camera and setting.
    as_published
        As `Recipe` has it.
    name
        What to call the stack in an error.

    Raises
    ------
    InputError
        If the stack shows nothing but noise, or its noise cannot be measured.
    """
    check_structure(stack.planes, name=name)
    shared = stack.step, stack.lateral_px, stack.axial_px
    if as_published:
        return Recipe(*shared, noise=None, as_published=True)
    chosen = np.linspace(0, len(stack.planes) - 1, min(len(stack.planes), units.MEASURED_PLANES))
    measured = units.measure([stack.planes[round(number)] for number in chosen])
    if measured is None:
        raise InputError(
            f"The noise of {name} cannot be measured, or does not grow with the light, so that its "
            "planes cannot be made as noisy as its sections; give the stack as the camera counted "
            "it, with planes of 32 px a side at least, or restore it 'as_published'."
        )
    return Recipe(*shared, noise=measured.line, as_published=False)


def degrade(image: np.ndarray, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Make the last axis of a plane like the z axis of its stack.

    Parameters
    ----------
    image
        (..., X) in the stack's units.
    recipe
        What is done. The corrected one blurs along the last axis by what planes lack, with the
        plane's mirror around it; samples every `step` px from the first pixel on; adds as much
        noise as the blur took away, so that its variance is the stack's again; and interpolates
        linearly.
    rng
        Draws the noise.

    Returns
    -------
    np.ndarray
        (..., X') float32, of which pixel j shows what pixel j of the image does. X' is smaller
        where no sample lies at the last pixels.

    Raises
    ------
    InputError
        If the image holds fewer than two samples.
    """
    samples = math.floor((image.shape[-1] - 1) / recipe.step + 1e-6) + 1
    if samples < 2:
        raise InputError(
            f"Planes of {image.shape[-1]} px a side hold fewer than two of the planes that lie "
            f"{recipe.step:.3g} px apart; nothing can be learned from them."
        )
    if recipe.as_published:
        return _degrade_as_published(image, recipe, rng)
    along = np.moveaxis(image.astype(np.float64), -1, 0)
    widths = (recipe.missing_px, *(0,) * (along.ndim - 1))
    blurred = ndimage.gaussian_filter(along, widths, mode="reflect")
    sampled = linear(blurred, np.arange(samples) * recipe.step).astype(np.float64)
    if recipe.noise is not None:
        variance = np.maximum(recipe.noise.gain * sampled + recipe.noise.intercept, 0)
        lost = 1 - noise_left(recipe.missing_px)
        sampled += np.sqrt(variance * lost) * rng.standard_normal(sampled.shape)
    grid = isotropic_grid(samples, recipe.step) / recipe.step
    return np.moveaxis(linear(sampled, grid), 0, -1)


def noise_left(sigma: float) -> float:
    """Return which share of the variance of white noise a Gaussian blur along one axis leaves.

    Of a standard deviation well above 1 px it is ``1 / (2 sqrt(pi) sigma)``.
    """
    impulse = np.zeros(2 * math.ceil(_WIDEST * sigma) + 3)
    impulse[len(impulse) // 2] = 1
    return float(np.sum(ndimage.gaussian_filter(impulse, sigma) ** 2))


def published_kernel(recipe: Recipe) -> np.ndarray:
    """Return the kernel that the published recipe blurs planes by, (y, x), with a sum of 1."""
    # Where both are the same, one pixel wide.
    widths = recipe.lateral_px, max(recipe.axial_px - recipe.lateral_px, _NARROWEST)
    reach = math.ceil(_WIDEST * max(widths))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel: np.ndarray = np.exp(-0.5 * ((y / widths[0]) ** 2 + (x / widths[1]) ** 2))
    return kernel / kernel.sum()


def _degrade_as_published(
    image: np.ndarray, recipe: Recipe, rng: np.random.Generator
) -> np.ndarray:
    kernel = published_kernel(recipe)
    kernel = kernel.reshape(*(1,) * (image.ndim - 2), *kernel.shape)
    blurred = signal.fftconvolve(image.astype(np.float64), kernel, mode="same", axes=(-2, -1))
    noisy = rng.poisson(np.maximum(blurred, 0).astype(int)).astype(np.float64)
    samples = int(noisy.shape[-1] / recipe.step)
    width = round(samples * recipe.step)
    down = [1.0] * (image.ndim - 1) + [samples / width]
    sparse = ndimage.zoom(noisy[..., :width], down, order=0)
    up = [1.0] * (image.ndim - 1) + [width / samples]
    return np.asarray(ndimage.zoom(sparse, up, order=1), dtype=np.float32)


def cut_patches(
    stack: Sparse,
    recipe: Recipe,
    *,
    side: int,
    count: int,
    rng: np.random.Generator,
    name: str,
) -> ImagePatches:
    """Cut patches of a stack's planes, and of what they become when made like its sections.

    One half lies in planes that are blurred along x, the other in planes that are blurred along y;
    the axis that is like z is the last one of all patches. They lie on the foreground, as those of
    pairs do (`denoisekit.training.patches.extract_patches`).

    Parameters
    ----------
    stack
        Of a stack to restore.
    recipe
        How planes are made like sections. With the corrected one both parts of a patch are
        normalised by the same pair of percentiles of the stack, so that the brightness of what is
        restored is the stack's.
    side
        Of a patch, in px.
    count
        How many, at least two.
    rng
        Decides places, percentiles and noise.
    name
        What to call the stack in an error.

    Returns
    -------
    ImagePatches
        (N, side, side) each, and the plane and the first pixels, (N, 3).

    Raises
    ------
    InputError
        If a patch is too small for the point spread function, or the planes too small for it.
    """
    check_patch(side, missing_px=recipe.missing_px, step=recipe.step, name=name)
    parts = []
    for number, along_y in ((count - count // 2, False), (count // 2, True)):
        sharp = stack.planes.swapaxes(1, 2) if along_y else stack.planes
        worse = degrade(sharp, recipe, rng)
        sharp = sharp[..., : worse.shape[-1]]
        if min(sharp.shape[1:]) < side:
            raise InputError(
                f"The planes of {name} show {sharp.shape[1]} x {sharp.shape[2]} px of what is "
                f"sampled as its sections, less than a patch of {side} px; make the patches "
                "smaller."
            )
        found = extract_patches(
            worse, sharp, patch_size=(1, side, side), count=number, rng=rng, name=name
        )
        both = found.low[:, 0], found.high[:, 0]
        if not recipe.as_published:
            both = _alike(stack.planes, (worse, sharp), found.positions, side, rng, name)
        places = found.positions[:, [0, 2, 1]] if along_y else found.positions
        parts.append((*both, places))
    low, high, positions = (np.concatenate(part) for part in zip(*parts, strict=True))
    if recipe.as_published:
        factors, levels = (
            rng.uniform(*ends, (count, 1, 1)).astype(np.float32) for ends in (_FACTORS, _LEVELS)
        )
        low, high = low * factors + levels, high * factors + levels
    return ImagePatches(low, high, positions)


def _alike(
    planes: np.ndarray,
    both: tuple[np.ndarray, np.ndarray],
    positions: np.ndarray,
    side: int,
    rng: np.random.Generator,
    name: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the patches of both, normalised by one pair of percentiles of the stack for each."""
    count = len(positions)
    drawn = np.stack(
        [rng.uniform(*_LOW_PERCENTILES, count), rng.uniform(*_HIGH_PERCENTILES, count)]
    )
    ends = signal_percentiles(planes, drawn, name=name)
    lows, highs = ends.astype(np.float32).reshape(2, -1, 1, 1)
    low, high = (
        (cut(part, positions, patch_size=(1, side, side))[:, 0] - lows) / (highs - lows)
        for part in both
    )
    return low, high
