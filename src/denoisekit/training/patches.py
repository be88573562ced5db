"""Cut training patches out of images and of pairs of images.

Source of what is done with pairs: CSBDeep 0.8.1, data/generate.py (Weigert et al. 2018, doi
10.1038/s41592-018-0216-7), with one difference: training and validation are split by image. CSBDeep
splits shuffled patches, so that both sides see the same images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter

from denoisekit._checks import same_shape
from denoisekit.datasets.pairs import evenly
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer, signal_percentiles
from denoisekit.noise.usable import find, repaired, within

# CSBDeep's rules for foreground and for the percentiles that a patch is normalised by.
_FOREGROUND_FRACTION = 0.4
_FOREGROUND_PERCENTILE = 99.9
_LOW_PERCENTILES = (1.0, 3.0)
_HIGH_PERCENTILES = (99.5, 99.9)
_EPSILON = 1e-20
# Less of what all images vary by, and a network that sees all by one measure learns little of one.
_LEAST_CONTRAST = 0.05

#: Side in px along every axis, or one for each, None for a whole axis.
PatchSize = int | Sequence[int | None]


@dataclass(frozen=True)
class ImagePatches:
    """Normalised patches of one image, (N, *patch) float32, and their first pixels, (N, axes)."""

    low: np.ndarray
    high: np.ndarray
    positions: np.ndarray


def sides_of(patch_size: PatchSize, shape: Sequence[int], *, name: str) -> tuple[int, ...]:
    """Return the sides of an image's patches in px, one for each of its axes.

    Parameters
    ----------
    patch_size
        As the study has it.
    shape
        Of the image.
    name
        What to call it in an error.

    Raises
    ------
    InputError
        If there are not as many sides as axes, or the image is smaller than a patch.
    """
    pixels = " x ".join(map(str, shape))
    if not isinstance(patch_size, int) and len(patch_size) != len(shape):
        raise InputError(
            f"{name} has {len(shape)} axes ({pixels} px), but 'patch_size' of the train set has "
            f"{len(patch_size)} numbers; give one for each axis. (Images are volumes where the "
            "data set has a 'z_spacing_um'.)"
        )
    given = [patch_size] * len(shape) if isinstance(patch_size, int) else patch_size
    sides = tuple(
        length if side is None else side for side, length in zip(given, shape, strict=True)
    )
    if any(length < side for side, length in zip(sides, shape, strict=True)):
        raise InputError(
            f"{name} is {pixels} px, smaller than a patch of {_sides_text(sides)} px; "
            "leave it out or make the patches smaller."
        )
    return sides


def check_alike(
    patch_size: PatchSize, shape: Sequence[int], *, sides: Sequence[int], name: str
) -> None:
    """Raise InputError if patches of a whole axis are not as long as those of the first image.

    Parameters
    ----------
    patch_size, shape, name
        As `sides_of` takes them.
    sides
        Of the first image's patches.
    """
    found = sides_of(patch_size, shape, name=name)
    if found != tuple(sides):
        raise InputError(
            f"{name} gives patches of {_sides_text(found)} px, but the first image of "
            f"{_sides_text(sides)} px; 'null' in 'patch_size' takes a whole axis, which must be as "
            "long in all images: say a number there."
        )


def _sides_text(sides: Sequence[int]) -> str:
    """Return a patch's size in words; of equal sides one number."""
    return str(sides[0]) if len(set(sides)) == 1 else " x ".join(map(str, sides))


def split_images(
    images: Sequence[str], fields: Sequence[str], *, validation_fraction: float, seed: int
) -> dict[str, str]:
    """Say of each image whether it is for ``training`` or ``validation``.

    Parameters
    ----------
    images
        Names of the images.
    fields
        The field of view of each. Images of one field stay together; where all are of one field
        (regions of a large image) they are split one by one.
    validation_fraction
        Share of the fields to validate on, between 0 and 1; at least one goes to either side.
    seed
        Decides which.

    Raises
    ------
    InputError
        If there are fewer than two images, so that one side would be empty.
    """
    if len(images) < 2:
        raise InputError(
            f"Training needs at least two images, one of them to validate on, but there are "
            f"{len(images)}; add images, or cut a large one into regions."
        )
    groups = fields if len(set(fields)) > 1 else images
    unique = list(dict.fromkeys(groups))
    count = min(max(1, round(validation_fraction * len(unique))), len(unique) - 1)
    chosen = np.random.default_rng(seed).choice(len(unique), count, replace=False)
    validation = {unique[index] for index in chosen}
    return {
        image: "validation" if group in validation else "training"
        for image, group in zip(images, groups, strict=True)
    }


def extract_patches(
    low: np.ndarray,
    high: np.ndarray,
    *,
    patch_size: PatchSize,
    count: int,
    rng: np.random.Generator,
    name: str,
    outside: Sequence[float | str] | None = None,
) -> ImagePatches:
    """Cut normalised patches at random places of the foreground of one pair.

    A patch's centre lies where the brightest pixel of the high exposure within half a patch exceeds
    0.4 times its 99.9 percentile (both counted from the darkest pixel, where values are negative);
    without repeats where there are enough such places. Each patch is
    normalised by percentiles drawn from 1 to 3 and from 99.5 to 99.9, taken over the whole image,
    low and high exposure each by its own values. Hot and dead pixels are repaired, and no patch
    reaches out of the field.

    Parameters
    ----------
    low, high
        The two exposures, any number of axes, same shape, in any units.
    patch_size
        Side of a patch in px along every axis, or one for each axis, None for a whole one.
    count
        How many patches.
    rng
        Decides places and percentiles.
    name
        What to call the pair in an error.
    outside
        As `denoisekit.noise.usable.find` takes it.

    Raises
    ------
    InputError
        If the shapes differ, the image is smaller than a patch, nothing of it is foreground, or an
        exposure holds no signal.
    """
    same_shape(low, high, names=(f"The low exposure of {name}", "its high exposure"))
    names = [f"{name}, in its {exposure} exposure," for exposure in ("low", "high")]
    sides = sides_of(patch_size, high.shape, name=name)
    (low, high), field = cleared((low, high), outside=outside, names=names)
    positions = _choose_positions([high], field, sides, count, rng, name)
    percentiles = _drawn_percentiles(count, rng)
    of_low, of_high = (
        _cut_normalised(pixels, field, positions, sides, percentiles, of)
        for pixels, of in zip((low, high), names, strict=True)
    )
    return ImagePatches(of_low, of_high, positions)


def take_whole(
    low: np.ndarray, high: np.ndarray, *, sides: Sequence[int], name: str
) -> ImagePatches:
    """Take a pair that is a patch itself, normalised already, as it is.

    Parameters
    ----------
    low, high
        The two exposures; of a stack beside a plane, the first has an axis more.
    sides
        Of a patch, as `sides_of` gives them of the high exposure.
    name
        What to call the pair in an error.

    Raises
    ------
    InputError
        If it is larger than a patch, or has whole numbers alone, as a camera's counts.
    """
    for exposure, one in (("low", low), ("high", high)):
        if one.max() > 1 and np.array_equal(one, np.rint(one)):
            raise InputError(
                f"{name}, in its {exposure} exposure, has whole numbers alone, from {one.min():g} "
                f"to {one.max():g}, as a camera counts, and so is not normalised by percentiles, "
                "as 'as_patches' of its data set says; leave that key out."
            )
    if high.shape != tuple(sides):
        pixels = " x ".join(map(str, high.shape))
        raise InputError(
            f"{name} is {pixels} px and a patch itself ('as_patches' of its data set), but the "
            f"train set's patches are of {_sides_text(sides)} px; give 'patch_size' its sides."
        )
    of_low, of_high = (one[None].astype(np.float32) for one in (low, high))
    return ImagePatches(of_low, of_high, np.zeros((1, high.ndim), dtype=int))


def extract_channel_patches(
    pairs: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    patch_size: PatchSize,
    count: int,
    rng: np.random.Generator,
    outside: Mapping[str, Sequence[float | str] | None],
) -> ImagePatches:
    """Cut normalised patches of the channels of one image, all at the same places.

    As `extract_patches` does, with each channel normalised by percentiles of its own, drawn for
    itself, as CSBDeep normalises channels. A place is foreground where one of the channels is.

    Parameters
    ----------
    pairs
        Low and high exposure of each channel by what to call it in an error, all of one shape, in
        any units.
    patch_size, count, rng
        As `extract_patches` takes them.
    outside
        Of each channel, as `denoisekit.noise.usable.find` takes it.

    Returns
    -------
    ImagePatches
        Both are (N, channels, *patch).

    Raises
    ------
    InputError
        As of `extract_patches`, and if channels differ in shape.
    """
    first, *others = pairs
    for other in others:
        same_shape(pairs[first][1], pairs[other][1], names=(first, other))
    sides = sides_of(patch_size, pairs[first][1].shape, name=first)
    sound, fields = {}, []
    for name, (low, high) in pairs.items():
        same_shape(low, high, names=(f"The low exposure of {name}", "its high exposure"))
        names = [f"{name}, in its {exposure} exposure," for exposure in ("low", "high")]
        sound[name], field = cleared((low, high), outside=outside[name], names=names)
        fields.append(field)
    shared: np.ndarray = np.all(fields, axis=0)
    highs = [high for _, high in sound.values()]
    positions = _choose_positions(highs, shared, sides, count, rng, first)
    parts = []
    for (name, exposures), field in zip(sound.items(), fields, strict=True):
        percentiles = _drawn_percentiles(count, rng)
        parts.append(
            [
                _cut_normalised(pixels, field, positions, sides, percentiles, name)
                for pixels in exposures
            ]
        )
    of_low, of_high = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
    return ImagePatches(of_low, of_high, positions)


def extract_stack_patches(
    stack: np.ndarray,
    plane: np.ndarray,
    *,
    side: int,
    count: int,
    rng: np.random.Generator,
    name: str,
) -> ImagePatches:
    """Cut normalised patches of a stack, whole along z, and of the plane that it is to become.

    Places and percentiles are drawn as `extract_patches` does, places by the plane; the stack is
    normalised by percentiles of all of it.

    Parameters
    ----------
    stack
        (Z, Y, X) in any units.
    plane
        (Y, X) likewise.
    side
        Of a patch in px, along y and x.
    count, rng, name
        As `extract_patches` takes them.

    Returns
    -------
    ImagePatches
        The low ones are (N, Z, side, side), the high ones (N, side, side).

    Raises
    ------
    InputError
        As of `extract_patches`, and if pixels lie outside of a field.
    """
    names = [f"{name}, in its {exposure} exposure," for exposure in ("low", "high")]
    same_shape(stack[0], plane, names=(f"A plane of {name}", "its high exposure"))
    sides = sides_of(side, plane.shape, name=name)
    parts = []
    for pixels, of in zip((stack, plane), names, strict=True):
        (sound,), field = cleared([pixels], outside=None, names=[of])
        if not field.all():
            raise InputError(
                f"{of} has pixels outside of its field; a sheet is projected out of whole planes: "
                "cut the stack and its truth to their field."
            )
        parts.append((sound, field))
    sound, field = parts[1]
    positions = _choose_positions([sound], field, sides, count, rng, name)
    percentiles = _drawn_percentiles(count, rng)
    of_low, of_high = (
        _cut_normalised(*part, positions, sides, percentiles, of)
        for part, of in zip(parts, names, strict=True)
    )
    return ImagePatches(of_low, of_high, positions)


def validation_images(
    images: Sequence[str],
    fields: Sequence[str],
    *,
    validation_fraction: float,
    seed: int,
    at_most: int,
) -> list[str]:
    """Return the images to validate on, evenly chosen where there are more than so many.

    The other parameters are those of `split_images`; of a single image there are none.
    """
    if len(images) < 2:
        return []
    sides = split_images(images, fields, validation_fraction=validation_fraction, seed=seed)
    return evenly([image for image, side in sides.items() if side == "validation"], at_most)


def middle(image: np.ndarray, side: int) -> np.ndarray:
    """Return the middle of an image or of frames, (..., Y, X), at most so many px a side."""
    starts = [max(0, length - side) // 2 for length in image.shape[-2:]]
    y, x = (slice(start, start + side) for start in starts)
    return image[..., y, x]


def split(
    images: Sequence[str],
    fields: Sequence[str],
    *,
    count: int,
    validation_fraction: float,
    seed: int,
) -> list[str]:
    """Say of each patch whether it is for ``training`` or ``validation``, image by image.

    As `split_images` does; of a single image, patches are split, which may overlap: that is enough
    to choose an epoch by, where no truth is seen.

    Parameters
    ----------
    images, fields, validation_fraction, seed
        As `split_images` takes them.
    count
        Patches of each image.
    """
    if len(images) > 1:
        sides = split_images(images, fields, validation_fraction=validation_fraction, seed=seed)
        return [sides[image] for image in images for _ in range(count)]
    chosen = min(max(1, round(validation_fraction * count)), count - 1)
    validation = np.random.default_rng(seed).choice(count, chosen, replace=False)
    return ["validation" if index in validation else "training" for index in range(count)]


def position_rows(
    image: str, subsets: Sequence[str], positions: np.ndarray
) -> list[dict[str, str | int]]:
    """Return the rows of an image in the table of patches: the subset and first pixel of each."""
    axes = "zyx"[-positions.shape[1] :]
    return [
        {"image": image, "subset": subset, **dict(zip(axes, place, strict=True))}
        for subset, place in zip(subsets, positions.tolist(), strict=True)
    ]


def cleared(
    images: Sequence[np.ndarray], *, outside: Sequence[float | str] | None, names: Sequence[str]
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return images of one place, repaired to learn from, and where all of them show the field.

    Parameters
    ----------
    images
        Of one shape, each in any unit.
    outside
        As `denoisekit.noise.usable.find` takes it.
    names
        What to call each in an error.
    """
    found = [find(one, outside=outside, name=name) for one, name in zip(images, names, strict=True)]
    field = ~np.any([one.outside for one in found], axis=0)
    return [repaired(*part) for part in zip(images, found, strict=True)], field


def random_positions(
    image: np.ndarray,
    *,
    patch_size: PatchSize,
    count: int,
    rng: np.random.Generator,
    name: str,
    field: np.ndarray | None = None,
) -> np.ndarray:
    """Return the first pixels, (count, axes), of patches that lie anywhere in an image.

    Where its `field`, bool in its shape, is not all of it, they lie within that.

    Raises
    ------
    InputError
        If the image or its field is smaller than a patch.
    """
    sides = sides_of(patch_size, image.shape, name=name)
    if field is not None and not field.all():
        candidates = np.argwhere(_inside_field(field, sides))
        if len(candidates) == 0:
            raise InputError(
                f"{name} has no place for a patch of {_sides_text(sides)} px that does not reach "
                "out of the field; leave it out or make the patches smaller."
            )
        return candidates[rng.integers(0, len(candidates), size=count)]
    ends = np.array(image.shape) - np.array(sides) + 1
    return rng.integers(0, ends, size=(count, image.ndim))


def cut(image: np.ndarray, positions: np.ndarray, *, patch_size: PatchSize) -> np.ndarray:
    """Return the patches at positions, (N, *patch) float32, in the image's units.

    Of an image with one axis more than the positions, its frames, they are (N, frames, *patch).
    """
    axes = tuple(range(image.ndim - positions.shape[1], image.ndim))
    sides = sides_of(patch_size, image.shape[axes[0] :], name="The image")
    windows = np.lib.stride_tricks.sliding_window_view(image, sides, axes)
    found = windows[(..., *positions.T, *(slice(None),) * len(axes))]
    return np.moveaxis(found, 1, 0).astype(np.float32) if axes[0] else found.astype(np.float32)


def without_contrast(
    patches: np.ndarray, images: Sequence[str], *, normalizer: Normalizer
) -> str | None:
    """Say of which images next to nothing is left beside others, normalised alike; None of none.

    Parameters
    ----------
    patches
        Of all images, as many of each, in the units that the network learns in, (N, ..., Y, X).
    images
        Their names, in the order of the patches.
    normalizer
        Of all together.
    """
    spread = normalizer.high - normalizer.low
    parts = np.split(patches, len(images))
    shares = [float(np.std(part, dtype=np.float64)) / spread for part in parts]
    faint = [name for name, share in zip(images, shares, strict=True) if share < _LEAST_CONTRAST]
    if not faint:
        return None
    named = ", ".join(faint[:5]) + (", ..." if len(faint) > 5 else "")
    return (
        f"Warning: Beside the brightest of the images to train on, {len(faint)} of {len(images)} "
        f"({named}) have next to no contrast: they vary by less than {_LEAST_CONTRAST:.0%} of what "
        "all vary by, and a network that sees all by one measure hardly learns to restore them. "
        "Give the images of each microscope or exposure a data set, a train set and an experiment "
        "of their own, or train with 'normalization: percentiles'."
    )


def _inside_field(field: np.ndarray, sides: tuple[int, ...]) -> np.ndarray:
    """Return of which first pixels the patch holds field pixels alone."""
    centres = _centres(field.shape, sides)
    if field.all():
        return np.ones(field[centres].shape, dtype=bool)
    inside: np.ndarray = ~maximum_filter(~field, sides, mode="constant")[centres]
    return inside


def _centres(shape: tuple[int, ...], sides: tuple[int, ...]) -> tuple[slice, ...]:
    """Return where the centres of patches lie that an image holds."""
    return tuple(
        slice(side // 2, length - side + side // 2 + 1)
        for length, side in zip(shape, sides, strict=True)
    )


def _drawn_percentiles(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the low and the high percentile that each patch is normalised by, (2, count)."""
    return np.stack([rng.uniform(*_LOW_PERCENTILES, count), rng.uniform(*_HIGH_PERCENTILES, count)])


def _foreground(high: np.ndarray, field: np.ndarray, sides: tuple[int, ...]) -> np.ndarray:
    """Return, bool in its shape, where an image is bright within half a patch."""
    reach = tuple(max(side // 2, 1) for side in sides)
    floor = min(0.0, float(high.min()))
    bright = float(np.percentile(within(high, field), _FOREGROUND_PERCENTILE))
    threshold = floor + _FOREGROUND_FRACTION * (bright - floor)
    found: np.ndarray = maximum_filter(high, reach, mode="constant") > threshold
    return found


def _choose_positions(
    highs: Sequence[np.ndarray],
    field: np.ndarray,
    sides: tuple[int, ...],
    count: int,
    rng: np.random.Generator,
    name: str,
) -> np.ndarray:
    foreground = np.any([_foreground(high, field, sides) for high in highs], axis=0)
    centres = _centres(field.shape, sides)
    candidates = np.argwhere(foreground[centres] & _inside_field(field, sides))
    if len(candidates) == 0:
        raise InputError(
            f"{name} has no place for a patch of {_sides_text(sides)} px on its foreground (where "
            "the high exposure exceeds 0.4 of its 99.9 percentile) and in its field; leave the "
            "image out."
        )
    chosen = rng.choice(len(candidates), count, replace=count > len(candidates))
    return candidates[chosen]


def _cut_normalised(
    image: np.ndarray,
    field: np.ndarray,
    positions: np.ndarray,
    sides: tuple[int, ...],
    percentiles: np.ndarray,
    name: str,
) -> np.ndarray:
    patches = cut(image, positions, patch_size=sides)
    ends = signal_percentiles(image, percentiles, name=name, usable=field)
    lows, highs = ends.astype(np.float32)
    shape = (-1, *(1,) * image.ndim)
    return (patches - lows.reshape(shape)) / (highs - lows + np.float32(_EPSILON)).reshape(shape)
