"""Data sets of thinned exposures: with the rest of their light, or the long exposure, as truth."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit.datasets.pairs import Pair, evenly
from denoisekit.datasets.registered import read_exposure, read_registered
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.noise import usable
from denoisekit.noise.thinning import Light, measure_light, thin

#: The truth is the rest of the light, and not the long exposure.
REST = "rest"


def write_thinned(
    registered: str | Path,
    folder: str | Path,
    settings: Mapping[str, Any],
    *,
    report: Callable[..., None],
) -> tuple[list[dict[str, str]], list[dict[str, str | float]]]:
    """Thin the short exposures of a folder of registered pairs.

    Parameters
    ----------
    registered
        The folder.
    folder
        Where ``low/<image>.tif``, what was kept, and ``high/<image>.tif``, the truth, are written,
        volumes as such.
    settings
        ``kept``, the share of the photons; ``beside``, what the truth is (``rest``, the rest of
        them, or ``truth``, the long exposure); ``seed``; and ``images``, at most how many of each
        split, evenly spaced, without it all.
    report
        Is told what is done, and ``at_once=True`` which images cannot be thinned, and why.

    Returns
    -------
    tuple
        The rows of a pair table, and of a table of light: image, gain and zero of the camera,
        photons of a pixel of the kept part, and the mean noise variance of kept and rest.

    Raises
    ------
    InputError
        If no image to test on can be thinned, since photons cannot be counted or pixels are outside
        of the field, or if there is no long exposure where it is to be the truth.
    """
    folder = Path(folder)
    everyone = read_registered(registered)
    chosen = _chosen(everyone, settings.get("images"))
    order = {pair.image: number for number, pair in enumerate(everyone)}
    measured = measure_light({pair.image: _reader(registered, pair.image) for pair in chosen})
    rows: list[dict[str, str]] = []
    lights: list[dict[str, str | float]] = []
    why = ""
    for pair in chosen:
        image = pair.image
        # The same whatever other images are thinned.
        rng = np.random.default_rng([settings["seed"], order[image]])
        low = read_exposure(registered, image, "low")
        try:
            light = _light(measured, low.pixels, image)
            parts = thin(low.pixels, light, kept=settings["kept"], rng=rng, name=image)
        except InputError as error:
            why = why or str(error)
            report(f"warning: {error}", at_once=True)
            continue
        truth = parts.rest if settings["beside"] == REST else _long_exposure(registered, pair)
        rows.append({"image": image, "split": pair.split, "field": pair.field})
        for exposure, pixels in (("low", parts.kept), ("high", truth)):
            path = folder / exposure / f"{image}.tif"
            sizes = {"pixel_size_um": low.pixel_size_um, "spacing_um": low.spacing_um}
            write_image(path, pixels, **sizes, axes="ZYX"[-pixels.ndim :])
            rows[-1][exposure] = str(path)
        told: dict[str, str | float] = {"image": image, **vars(light)}
        told |= {"photons": parts.photons, "kept_variance": parts.kept_variance}
        lights.append(told | {"rest_variance": parts.rest_variance})
        report(f"thinned {image} to {parts.photons:.3g} photons per pixel")
    if not any(row["split"] == "test" for row in rows):
        raise InputError(
            f"No image to test on can be thinned: {why} Or leave out the thinned data set, and "
            "what is named after it."
        )
    return rows, lights


def count_photons(registered: str | Path, *, name: str) -> dict[str, float]:
    """Return the mean photons per pixel of each image to test on, by the images' own noise.

    Raises
    ------
    InputError
        If those of an image cannot be counted; `name` is what to call the data set then.
    """
    readers = {
        pair.image: _reader(registered, pair.image)
        for pair in read_registered(registered)
        if pair.split == "test"
    }
    light = measure_light(readers)
    if unknown := [image for image in readers if image not in light]:
        raise InputError(
            f"The photons of {unknown[0]} of {name} cannot be counted, since its noise does not "
            "grow with the light; leave its experiment out of 'dose'."
        )
    return {
        image: float((readers[image]().mean() - one.zero) / one.gain)
        for image, one in light.items()
    }


def _chosen(pairs: list[Pair], at_most: int | None) -> list[Pair]:
    if at_most is None:
        return pairs
    of_splits = ([p for p in pairs if p.split == split] for split in ("train", "test"))
    return [pair for members in of_splits for pair in evenly(members, at_most)]


def _reader(registered: str | Path, image: str) -> Callable[[], np.ndarray]:
    return lambda: read_exposure(registered, image, "low").pixels


def _light(measured: Mapping[str, Light], pixels: np.ndarray, name: str) -> Light:
    odd = usable.find(pixels, outside=None, name=name)
    if odd.outside.any():
        raise InputError(
            f"{name} has {odd.text}; thinning takes every pixel for light: cut the image to its "
            "field, or thin other images."
        )
    if name not in measured:
        raise InputError(
            f"The noise of {name} cannot be measured, or does not grow with the light, so that "
            "there are no photons to share out; give images as the camera counted them, neither "
            "averaged nor filtered."
        )
    return measured[name]


def _long_exposure(registered: str | Path, pair: Pair) -> np.ndarray:
    if pair.high is None:
        raise InputError(
            f"{pair.image} has no long exposure to be the truth; say 'beside: {REST}'."
        )
    return read_exposure(registered, pair.image, "high").pixels
