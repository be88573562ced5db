"""Frozen pipelines that find objects: nuclei, which are bright, and cells between bright membranes.

One pipeline with one set of settings serves every method, so that what differs is the images. The
settings are chosen among candidates on images to train on, by their labels.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import local_minima, reconstruction
from skimage.segmentation import watershed

from denoisekit._checks import finite
from denoisekit.errors import InputError, told_of
from denoisekit.evaluation.objects import measure

#: The settings of each pipeline that have candidates, besides ``smallest_um``.
CANDIDATES = {
    "nuclei": ("smoothing_um", "threshold", "apart_um"),
    "membranes": ("smoothing_um", "depth"),
}
# Gain and offset of an image change nothing: depths are shares of the range between these.
_RANGE = (1, 99)


def segment(
    image: np.ndarray, *, how: str, settings: Mapping[str, float], voxel_um: Sequence[float]
) -> np.ndarray:
    """Find the objects of an image, whatever its gain and offset.

    Parameters
    ----------
    image
        (Y, X) or (Z, Y, X).
    how
        ``nuclei``: smoothed by a Gaussian, what is above a threshold is split where the distance
        to the dark has several maxima, by watershed. ``membranes``: smoothed, and a watershed grows
        from every minimum that is deep enough; no pixel is left out.
    settings
        ``smoothing_um``: the Gaussian's standard deviation. ``smallest_um``: diameter of the disc
        or ball as large as the smallest object that is kept. Of nuclei ``threshold``, in units of
        Otsu's above the median of what that leaves dark, and ``apart_um``, how far along some axis
        centres lie apart at least. Of membranes ``depth``, how far below its rim a minimum lies at
        least, as a share of the range between the percentiles 1 and 99 of the smoothed image.
    voxel_um
        Sides of a pixel or voxel along the image's axes.

    Returns
    -------
    np.ndarray
        int32 labels of the image's shape, 0 where there is no object.

    Raises
    ------
    InputError
        If a pixel is not finite, or the image does not have as many axes as voxels.
    """
    finite(image, name="The image to find objects in")
    if image.ndim != len(voxel_um):
        raise InputError(
            f"Objects are to be found in voxels of {len(voxel_um)} sides, but the image has "
            f"{image.ndim} axes; give volumes, or their planes, with what belongs to them."
        )
    voxel = np.asarray(voxel_um, dtype=np.float64)
    smooth = ndimage.gaussian_filter(image.astype(np.float64), settings["smoothing_um"] / voxel)
    if smooth.min() == smooth.max():
        return np.zeros(image.shape, dtype=np.int32)
    found = (_nuclei if how == "nuclei" else _membranes)(smooth, settings, voxel)
    return _without_small(found, _least_volume(settings["smallest_um"], voxel))


def _nuclei(smooth: np.ndarray, settings: Mapping[str, float], voxel: np.ndarray) -> np.ndarray:
    otsu = threshold_otsu(smooth)
    dark = np.median(smooth[smooth <= otsu])
    inside = smooth > dark + settings["threshold"] * (otsu - dark)
    distance = ndimage.distance_transform_edt(inside, sampling=voxel)
    box = 2 * (settings["apart_um"] / voxel).astype(int) + 1
    maxima = (distance == ndimage.maximum_filter(distance, tuple(box))) & inside
    seeds, _ = ndimage.label(maxima, np.ones([3] * smooth.ndim))
    found = watershed(-distance, seeds, mask=inside)
    # An object beside a much larger one has no maximum of its own.
    rest, _ = ndimage.label(inside & (found == 0))
    return np.where(rest > 0, rest + found.max(), found)


def _membranes(smooth: np.ndarray, settings: Mapping[str, float], voxel: np.ndarray) -> np.ndarray:
    low, high = np.percentile(smooth, _RANGE)
    # Minima of what is filled up by a depth are those that were as deep at least.
    filled = reconstruction(smooth + settings["depth"] * (high - low), smooth, method="erosion")
    seeds, count = ndimage.label(local_minima(filled), np.ones([3] * smooth.ndim))
    if not count:
        return np.ones(smooth.shape, dtype=np.int32)
    return np.asarray(watershed(smooth, seeds))


def _least_volume(diameter_um: float, voxel: np.ndarray) -> float:
    """Return how many pixels or voxels the disc or ball of a diameter has."""
    share = np.pi / (4 if len(voxel) == 2 else 6)
    return float(share * diameter_um ** len(voxel) / np.prod(voxel))


def _without_small(found: np.ndarray, least: float) -> np.ndarray:
    sizes = np.bincount(found.ravel())
    kept = sizes >= least
    kept[0] = False
    numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    return np.asarray(numbers[found])


def candidates(settings: Mapping[str, Any], *, how: str) -> Iterator[dict[str, float]]:
    """Yield every combination of a pipeline's candidates, with the smallest object.

    `settings` has a list of candidates for each of `CANDIDATES`, and ``smallest_um``.
    """
    names = CANDIDATES[how]
    for values in itertools.product(*(settings[name] for name in names)):
        yield dict(zip(names, values, strict=True)) | {"smallest_um": settings["smallest_um"]}


def try_out(
    images: Mapping[str, tuple[np.ndarray, np.ndarray, Sequence[float]]],
    *,
    how: str,
    settings: Mapping[str, Any],
) -> list[dict[str, float]]:
    """Measure what each combination of candidates finds, mean over labelled images.

    Parameters
    ----------
    images
        By name an image to train on, its labels, and the sides of its voxels.
    how
        As `segment` takes it.
    settings
        As `candidates` takes them.

    Returns
    -------
    list of dict
        For every combination its settings, ``seg``, ``f1_50`` and ``found``.

    Raises
    ------
    InputError
        As `segment` and `denoisekit.evaluation.objects.measure` raise it, with the image's name.
    """
    rows = []
    for one in candidates(settings, how=how):
        values = []
        for name, (image, labels, voxel_um) in images.items():
            with told_of(f"The image {name}"):
                found = segment(image, how=how, settings=one, voxel_um=voxel_um)
                values.append(measure(labels, found))
        rows.append(one | {key: float(np.mean([v[key] for v in values])) for key in values[0]})
    return rows


def best(tried: Sequence[Mapping[str, float]], *, how: str) -> dict[str, float]:
    """Return the settings of the highest SEG among those that were tried; the first of equals.

    Raises
    ------
    InputError
        If none finds any labelled object.
    """
    chosen = max(tried, key=lambda row: row["seg"])
    if chosen["seg"] == 0:
        raise InputError(
            f"None of the {len(tried)} settings finds any labelled object in the images to train "
            "on; look at these and their labels, and give other candidates."
        )
    return {name: chosen[name] for name in (*CANDIDATES[how], "smallest_um")}


def end_sentences(tried: Sequence[Mapping[str, float]], *, how: str) -> list[str]:
    """Say of which settings the first or the last of several candidates was chosen.

    What lies beyond was not tried, so that better settings may be missed.
    """
    chosen = best(tried, how=how)
    values = {name: sorted({row[name] for row in tried}) for name in CANDIDATES[how]}
    return [
        f"{name} {chosen[name]:g} is the {'least' if chosen[name] == known[0] else 'greatest'} of "
        f"its {len(known)} candidates; better ones may lie beyond, so give some there"
        for name, known in values.items()
        if len(known) > 1 and chosen[name] in (known[0], known[-1])
    ]
