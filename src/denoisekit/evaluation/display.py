"""Turn images into 8-bit pictures that an eye can compare: one grey scale, one scale of errors."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from denoisekit.evaluation.scaling import affine_fit, fit_to_truth
from denoisekit.images.image import Image, plane_of
from denoisekit.images.sparse import linear

_VOLUME_AXES = 3
#: What the name of a view of a plane begins with.
PLANE = "plane-"
_ALONG_X, _ALONG_Y = "along-x", "along-y"
#: Views of sections along z, and what they show.
SECTIONS = {_ALONG_X: "section along z and x", _ALONG_Y: "section along z and y"}


@dataclass(frozen=True)
class Display:
    """Pictures of one scene, all cut to the same window.

    Attributes
    ----------
    window
        Rows and columns of the scene that are shown.
    truth, images, errors
        Pictures of 8 bits, (Y, X) or (Z, Y, X): the truth, every image by name, and every image's
        error.
    error_top
        The error that is shown as 255, in fractions of the truth's range; larger ones are too.
    gains
        What each image was multiplied by to fractions of the range that is shown.

    Without a truth, `truth` and `error_top` are None and there are no errors.
    """

    window: tuple[slice, slice]
    truth: np.ndarray | None
    images: Mapping[str, np.ndarray]
    errors: Mapping[str, np.ndarray]
    error_top: float | None
    gains: Mapping[str, float]


@dataclass(frozen=True)
class Sections:
    """Sections of volumes along z and x, through the middle of the detail that is shown.

    Attributes
    ----------
    window
        Rows and columns of the detail.
    aspect
        How far planes lie apart, in pixels.
    images
        (Z, X) each, over the detail's columns: of every panel, and then of the truth if there is
        one.
    """

    window: tuple[slice, slice]
    aspect: float
    images: Sequence[np.ndarray]


def sections(
    volumes: Sequence[Image],
    window: tuple[slice, slice],
    *,
    spacing_um: float | None,
    pixel_size_um: float | None,
) -> Sections | None:
    """Cut images along z and x through the middle of a window of their planes.

    Parameters
    ----------
    volumes
        Of one shape; of images that are planes there are no sections.
    window
        Rows and columns.
    spacing_um, pixel_size_um
        Sizes of voxels for volumes that tell none; None of planes.
    """
    first = volumes[0]
    if first.pixels.ndim != _VOLUME_AXES:
        return None
    sizes = first.spacing_um or spacing_um, first.pixel_size_um or pixel_size_um
    aspect = sizes[0] / sizes[1] if sizes[0] and sizes[1] else 1.0
    rows, columns = window
    cuts = [one.pixels[:, (rows.start + rows.stop) // 2, columns] for one in volumes]
    return Sections(window, aspect, [dark_outside(cut) for cut in cuts])


def dark_outside(pixels: np.ndarray) -> np.ndarray:
    """Return an image to be drawn, with its least value where it is NaN, outside of the field.

    Parameters
    ----------
    pixels
        (Y, X), in any units.
    """
    nowhere = np.isnan(pixels)
    return np.where(nowhere, np.nanmin(pixels), pixels) if nowhere.any() else pixels


def display(
    truth: np.ndarray,
    noisy: np.ndarray,
    restored: Iterable[tuple[str, np.ndarray]],
    *,
    side_px: int,
) -> Display:
    """Show images as CARE's score sees them.

    Parameters
    ----------
    truth, noisy
        The long and the short exposure, (Y, X) or (Z, Y, X).
    restored
        Names and restored images, one after the other.
    side_px
        The longest side of the pictures; of a larger scene, the square of this side is shown in
        which the truth, or its middle plane, varies most.

    Returns
    -------
    Display
        Every image is fitted to the truth by least squares and shown between the truth's 0.1 and
        99.9 percentiles. Errors are ``|image - truth|``, up to the 99.5 percentile of the restored
        images' errors in the whole scene. The short exposure is named ``noisy``.
    """
    scaled = fit_to_truth(truth, truth)[0]
    window = most_detailed(plane_of(scaled), side_px)
    part = (..., *window)
    black = (np.percentile(truth, 0.1) - np.mean(truth)) / np.ptp(np.percentile(truth, (0.1, 99.9)))
    images, errors, tops, gains = {}, {}, {}, {}
    for name, image in itertools.chain([("noisy", noisy)], restored):
        fitted = fit_to_truth(truth, image)[1]
        error = np.abs(fitted - scaled)
        images[name] = eight_bits(fitted[part] - black)
        errors[name], tops[name] = error[part], float(np.percentile(error, 99.5))
        gains[name] = affine_fit(scaled, image)[0]
    top = max([end for name, end in tops.items() if name != "noisy"] or [tops["noisy"]])
    return Display(
        window=window,
        truth=eight_bits(scaled[part] - black),
        images=images,
        errors={name: eight_bits(error / max(top, 1e-12)) for name, error in errors.items()},
        error_top=top,
        gains=gains,
    )


def display_without_truth(
    noisy: np.ndarray, restored: Iterable[tuple[str, np.ndarray]], *, side_px: int
) -> Display:
    """Show images that have no truth, each fitted to the short exposure by least squares.

    Parameters are those of `display`. All are shown between the 0.1 and 99.9 percentiles of the
    mean of the restored images, and cut to the part in which that mean varies most.
    """
    images = {"noisy": noisy, **dict(restored)}
    fitted = {name: fit_to_input(noisy, image) for name, image in images.items()}
    judged = [image for name, image in fitted.items() if name != "noisy"] or [fitted["noisy"]]
    mean = np.mean(judged, axis=0)
    black, white = np.percentile(mean, (0.1, 99.9))
    window = most_detailed(plane_of(mean), side_px)
    part, scale = (..., *window), max(white - black, 1e-12)
    return Display(
        window=window,
        truth=None,
        images={name: eight_bits((image[part] - black) / scale) for name, image in fitted.items()},
        errors={},
        error_top=None,
        gains={name: affine_fit(noisy, image)[0] / scale for name, image in images.items()},
    )


def views(shape: Sequence[int], *, planes: int) -> dict[str, str]:
    """Name the views of an image, each with what it shows; of a single plane there is one.

    Parameters
    ----------
    shape
        (Y, X) or (Z, Y, X).
    planes
        How many of a volume's planes are shown, odd, the middle one among them.

    Returns
    -------
    dict
        Of planes, by `PLANE` and their number; of sections along z, by `SECTIONS`. The view that is
        seen first is by an empty text.
    """
    if len(shape) != _VOLUME_AXES:
        return {"": ""}
    depth, middle = shape[0], shape[0] // 2
    around = np.linspace(0, depth - 1, min(planes, depth)) if planes > 1 else np.empty(0)
    numbers = sorted({round(number) for number in around.tolist()} | {middle})
    found = {
        "" if number == middle else f"{PLANE}{number}": f"plane {number + 1} of {depth}"
        for number in numbers
    }
    return found | (dict(SECTIONS) if planes > 1 else {})


def view_of(picture: np.ndarray, view: str, *, aspect: float) -> np.ndarray:
    """Return a view of a picture, (Y, X) or (Z, Y, X) of 8 bits, as `views` names it.

    Sections pass through its middle, z down, and have square pixels: planes lie `aspect` px apart.
    """
    if view in SECTIONS:
        middle = picture.shape[-1 if view == _ALONG_Y else -2] // 2
        cut = picture[:, :, middle] if view == _ALONG_Y else picture[:, middle]
        at = np.linspace(0, len(cut) - 1, max(1, round(len(cut) * aspect)))
        return np.rint(linear(cut, at)).astype(np.uint8)
    return picture[int(view.removeprefix(PLANE))] if view else plane_of(picture)


def maps_together(
    maps: Mapping[str, np.ndarray], window: tuple[slice, slice]
) -> tuple[dict[str, np.ndarray], float]:
    """Return maps as pictures of 8 bits on one scale from 0, and what is shown as 255.

    Parameters
    ----------
    maps
        By name, (Y, X) or (Z, Y, X), of one unit, NaN outside of the field, shown as 0.
    window
        Rows and columns that are shown.

    Returns
    -------
    pictures
        By name. Values beyond the top are shown as it.
    top
        The largest of the maps' 99.5 percentiles.
    """
    top = max(float(np.nanpercentile(values, 99.5)) for values in maps.values())
    pictures = {
        name: eight_bits(np.nan_to_num(values[..., *window]) / max(top, 1e-12))
        for name, values in maps.items()
    }
    return pictures, top


def fit_to_input(noisy: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return an image with the gain and offset that bring it closest to the short exposure.

    Some losses leave the brightness open; without a truth, the input is what can be fitted to.
    """
    gain, offset = affine_fit(noisy, image)
    return gain * np.asarray(image, np.float64) + offset


def most_detailed(image: np.ndarray, side_px: int) -> tuple[slice, slice]:
    """Return the window, on a grid of half its side, in which an image (Y, X) varies most.

    The window is a square of the given side, or narrower where the image is.
    """
    height, width = (min(side_px, size) for size in image.shape)
    step = max(side_px // 2, 1)
    windows = [
        (slice(y, y + height), slice(x, x + width))
        for y in range(0, image.shape[0] - height + 1, step)
        for x in range(0, image.shape[1] - width + 1, step)
    ]
    return max(windows, key=lambda window: image[window].std())


def eight_bits(image: np.ndarray) -> np.ndarray:
    """Return an image of the range 0 to 1 as 0 to 255, what lies outside clipped."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
