"""Restore images with a trained network, tile by tile.

Sources: CSBDeep 0.8.1, models/care_standard.py, data/prepare.py and internals/predict.py
(Weigert et al. 2018, doi 10.1038/s41592-018-0216-7).
"""

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
import torch

from denoisekit._checks import contrast, one_of, positive
from denoisekit.computing import computing
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer, percentile_normalizer, pooled
from denoisekit.networks import Network, place_in
from denoisekit.noise.units import MEASURED_PLANES, Units, map_to_common, measure, warning
from denoisekit.noise.usable import (
    Unusable,
    find,
    outside_of_field,
    put_back,
    repaired,
    within,
)
from denoisekit.restoring.model import Model
from denoisekit.restoring.restored import Restored

# Tiles predicted at once: on a CPU one keeps a core busy, and more would only take more memory.
_BATCH = {"cpu": 1, "cuda": 16}
# Voxels of a volume's tile, with what surrounds it, where the study gives one number.
_MOST_VOXELS = 4_000_000

#: Longest side in px, or one for each of z, y and x, None for a whole axis.
TileSize = int | Sequence[int | None]
_Tile = tuple[tuple[slice, ...], tuple[slice, ...]]


@dataclass(frozen=True)
class Restorer:
    """Restore images with a trained network: called with pixels, it returns restored ones.

    Attributes
    ----------
    model
        The network, with one output or a mean and its scale.
    percentiles, tile, precision
        As `restore` takes them; percentiles count only where the card has no fixed numbers.
    turned
        As `restore` takes it.
    units
        ``image``: restored images are in their inputs' units; ``truth``: in those of the long
        exposures that the network was trained on.
    note
        Is told in one sentence that an image is in other units than the training's.
    normalizer, to_common
        What `alike` found for all frames of a movie.
    normalize
        What the study normalises together, for who restores stacks: ``movie``, ``plane``, or None,
        which is the frames of a movie and nothing else.
    """

    model: Model
    percentiles: tuple[float, float]
    tile: TileSize
    precision: str
    turned: bool = False
    units: str = "image"
    note: Callable[[str], object] = warnings.warn
    normalize: str | None = None
    normalizer: Normalizer | None = None
    to_common: Units | None = None

    def __post_init__(self) -> None:
        one_of(self.units, ("image", "truth"), name="What restored images are in units of")
        if self.units == "truth" and self.model.truth is None:
            raise InputError(
                "The network knows no units of the truth to restore to (it saw none, or truths of "
                "unlike gain, or was trained by an older version); restore in the image's units."
            )

    def alike(
        self,
        planes: Iterable[np.ndarray],
        *,
        pixels: int,
        outside: Sequence[float | str] | None = None,
        name: str = "The movie",
    ) -> Self:
        """Return a restorer that normalises all images as the planes of one movie.

        Normalised each by itself, frames of a movie that bleaches, or in which one bright object
        appears, would come back with another brightness than they have.

        Parameters
        ----------
        planes
            The movie's, each of which is looked at once.
        pixels
            How many they have in all.
        outside
            Values of pixels outside of the field, as `denoisekit.noise.usable.find` takes them.
        name
            What to call the movie in an error.

        Raises
        ------
        InputError
            If there is no signal between the percentiles of all planes together.
        """
        if self.model.normalizer is not None:
            chosen = _evenly(planes, pixels=pixels)
            odd = [find(plane, outside=outside, name=name) for plane in chosen]
            return replace(self, to_common=self._to_common(chosen, odd, name=name))
        within_field = (
            within(plane, ~outside_of_field(plane, outside=outside, name=name)) for plane in planes
        )
        together = percentile_normalizer(
            pooled(within_field, pixels=pixels), percentiles=self.percentiles, name=name
        )
        return replace(self, normalizer=together)

    def __call__(
        self, pixels: np.ndarray, name: str = "The image", *, unusable: Unusable | None = None
    ) -> np.ndarray:
        """Return an image, restored, in its own units, as `predict` does."""
        return self.predict(pixels, name, unusable=unusable).mean

    def predict(
        self, pixels: np.ndarray, name: str = "The image", *, unusable: Unusable | None = None
    ) -> Restored:
        """Return a restored image, with its scale if the network is probabilistic.

        `unusable` are the pixels that `restore` takes for none of the image. A network that looks
        at several frames is given them along a first axis, and restores the middle one.

        Raises
        ------
        InputError
            If the image has not the axes that the network takes, or cannot be restored.
        """
        pixels = np.asarray(pixels)
        self.model.check_axes(pixels, name=name)
        found = find(pixels, name=name) if unusable is None else unusable
        normalizer, to_common = self.normalizer, Units()
        if self.model.normalizer is not None:
            planes, odd = [pixels], [found]
            if self.model.frames > 1:
                planes, odd = list(pixels), [found[number,] for number in range(len(pixels))]
            to_common = self.to_common or self._to_common(planes, odd, name=name)
            normalizer = self.model.normalizer.before(scale=to_common.scale, level=to_common.level)
        restored = restore(
            self.model.network,
            pixels,
            percentiles=self.percentiles,
            tile=self.tile,
            precision=self.precision,
            device=self.model.device,
            name=name,
            normalizer=normalizer,
            unusable=found,
            turned=self.turned,
            seen=self.model.seen if self.model.frames > 1 else None,
            planes=self.model.plane_by_plane,
        )
        if self.units == "image":
            return restored
        changed = self._in_truth_units(restored, to_common)
        if self.model.frames > 1:
            middle = self.model.frames // 2
            pixels, found = pixels[middle], found[middle,]
        return replace(changed, mean=put_back(changed.mean, pixels, found.outside))

    def interval(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        level: float,
        unusable: Unusable | None = None,
    ) -> np.ndarray:
        """Return a restored image between the ends of its central interval, (..., 3, Y, X).

        They are the restored image, the lower and the upper end, as the network predicts them: how
        often such intervals hold the truth, a study measures. Outside of the field all three are
        the image itself.

        Parameters
        ----------
        pixels, name, unusable
            As `predict` takes them.
        level
            How much of the predicted distribution the interval holds, between 0 and 1.

        Raises
        ------
        InputError
            If the network predicts no scale, or the image cannot be restored.
        """
        return self.layers(pixels, name, level=level, unusable=unusable)

    @property
    def beside(self) -> tuple[str, ...]:
        """What `layers` has beside image and interval: nothing."""
        return ()

    def layers(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        level: float | None,
        unusable: Unusable | None = None,
    ) -> np.ndarray:
        """Return the restored image and the ends of its interval, as `Restored.layers`."""
        found = find(pixels, name=name) if unusable is None else unusable
        restored = self.predict(pixels, name, unusable=found)
        outside = found.outside[self.model.frames // 2] if self.model.frames > 1 else found.outside
        return restored.layers(outside=outside, level=level)

    def _to_common(
        self, planes: Sequence[np.ndarray], odd: Sequence[Unusable], *, name: str
    ) -> Units:
        """Return the map of planes to the units of the training; tell where they are in others."""
        line = self.model.noise
        if line is None:
            return Units()
        measured = measure(
            [repaired(*part) for part in zip(planes, odd, strict=True)],
            [~one.mask for one in odd],
        )
        if self.model.in_common_units:
            found = map_to_common(measured, line, name=name)
            sentence: str | None = found.note
        else:
            found, sentence = Units(), warning(measured, line, name=name)
        if sentence:
            self.note(sentence)
        return found

    def _in_truth_units(self, restored: Restored, to_common: Units) -> Restored:
        truth = self.model.truth
        assert truth is not None
        widths = restored.scale
        if widths is not None:
            widths = widths * np.float32(to_common.scale * truth.gain)
        return Restored(truth.to_long(to_common.common(restored.mean)), widths)


def _evenly(planes: Iterable[np.ndarray], *, pixels: int) -> list[np.ndarray]:
    """Return some planes of a movie, evenly spaced."""
    chosen = []
    for number, plane in enumerate(planes):
        count = max(1, pixels // plane.size)
        if number in np.linspace(0, count - 1, min(count, MEASURED_PLANES)).round():
            chosen.append(plane)
    return chosen


def restore(
    network: Network,
    pixels: np.ndarray,
    *,
    percentiles: tuple[float, float],
    tile: TileSize,
    precision: str,
    device: str,
    name: str,
    normalizer: Normalizer | None = None,
    unusable: Unusable | None = None,
    turned: bool = False,
    seen: Sequence[int] | None = None,
    planes: bool = False,
) -> Restored:
    """Restore one image.

    The image is normalised by its own percentiles, predicted, and mapped back to its own range; the
    result thus has the low exposure's units. Hot and dead pixels are restored from what is around
    them, and pixels outside of the field come back as they are.

    Parameters
    ----------
    network
        A trained network, already on the device.
    pixels
        (Y, X) or (Z, Y, X), any size, any units.
    percentiles
        What to normalise by; CARE predicts with 2 and 99.8.
    tile
        Longest side, in px, of the part that is predicted at a time; bounds the memory. Of a volume
        that part is whole along z and of at most 4 million voxels; with a number for each of z, y
        and x, None for a whole axis, it is as these say.
    precision
        ``full`` or ``mixed``, as `denoisekit.computing` tells.
    device
        ``cpu`` or ``cuda``.
    name
        What to call the image in an error.
    normalizer
        What the network's training images were normalised by, if it was by fixed numbers; each
        image is then too, instead of by its own percentiles.
    unusable
        What `denoisekit.noise.usable.find` found in the image; None to find it.
    turned
        Whether to restore the image in all eight orientations of its planes, turned and mirrored,
        and to return the mean; takes eight times as long.
    seen
        Of pixels that are the frames around one of a movie, along a first axis: which of them the
        network sees, by number; the middle one is restored. None of a single image.
    planes
        Whether a network of planes restores a volume: it is normalised as a whole, and each plane
        is predicted by itself.

    Raises
    ------
    InputError
        If a pixel is not finite, or the image has no signal, a contrast that float32 does not hold,
        or fewer pixels a side than the network's stride.
    """
    found = find(pixels, name=name) if unusable is None else unusable
    contrast(pixels, name=name)
    image = repaired(pixels, found)
    if normalizer is None:
        normalizer = percentile_normalizer(
            image, percentiles=percentiles, name=name, usable=~found.outside
        )
    normalised = normalizer.apply(image)
    if seen is None:
        normalised = normalised[None]
    else:
        normalised, middle = normalised[list(seen)], len(pixels) // 2
        pixels, found = pixels[middle], found[middle,]
    apply = partial(
        _predict_planes if planes else predict,
        network,
        tile=tile,
        precision=precision,
        device=device,
        name=name,
    )
    channels = mean_of_orientations(apply, normalised) if turned else apply(normalised)
    mean = normalizer.undo(channels[0])
    scale = normalizer.undo_scale(channels[1]) if len(channels) == 2 else None
    if not all(np.isfinite(part).all() for part in (mean, *channels)):
        raise InputError(
            f"The network made NaN or infinite numbers of {name}, which it is not fit to restore; "
            "look at its training, or at the image's range."
        )
    return Restored(put_back(mean, pixels, found.outside), scale)


def mean_of_orientations(
    apply: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray
) -> np.ndarray:
    """Apply a network to an image as it lies, turned and mirrored, and return the mean."""
    parts = []
    for quarters, mirrored in itertools.product(range(4), (False, True)):
        seen = np.rot90(pixels, quarters, (-2, -1))
        channels = apply(seen[..., ::-1] if mirrored else seen)
        channels = channels[..., ::-1] if mirrored else channels
        parts.append(np.rot90(channels, -quarters, (-2, -1)))
    return np.mean(parts, axis=0)


def _predict_planes(network: Network, pixels: np.ndarray, **options: Any) -> np.ndarray:
    """Apply a network of planes to each plane of a normalised volume, (channels, Z, Y, X)."""
    return np.stack([predict(network, plane, **options) for plane in pixels.swapaxes(0, 1)], axis=1)


@torch.inference_mode()
def predict(
    network: Network,
    pixels: np.ndarray,
    *,
    tile: TileSize,
    precision: str,
    device: str,
    name: str,
) -> np.ndarray:
    """Apply a network to a normalised image, (channels, *spatial), and return its, float32.

    The image is extended by reflection to a multiple of the network's stride. Tiles overlap by the
    network's reach, so that the result equals the prediction of the whole image to float rounding.
    """
    network.eval()
    sides = pixels.shape[1:]
    if min(sides) < network.stride:
        planes = f", {network.stride} planes of a volume among them" * (len(sides) == 3)
        raise InputError(
            f"{name} is {' x '.join(map(str, sides))} px, but the network needs at least "
            f"{network.stride} px a side{planes}."
        )
    margins = [(0, -side % network.stride) for side in sides]
    padded = np.pad(pixels, [(0, 0), *margins], mode="reflect")
    output: np.ndarray | None = None
    longest = _longest_sides(tile, padded.shape[1:], network.reach)
    parts = _tiles(padded.shape[1:], longest, network.stride, network.reach)
    # One tile of a volume is work enough, and takes the memory of many planes.
    for tiles in _batches(parts, _BATCH[device] if len(sides) == 2 else 1):
        inputs = np.stack([padded[(slice(None), *outer)] for _, outer in tiles])
        images = torch.from_numpy(inputs).to(device)
        channels = _compute(network, images, place_in(*tiles[0]), precision, device)
        if output is None:
            output = np.empty((channels.shape[1], *padded.shape[1:]), np.float32)
        for (inner, _), predicted in zip(tiles, channels, strict=True):
            output[(slice(None), *inner)] = predicted
    # There is one tile at least.
    return output[(slice(None), *map(slice, sides))]  # type: ignore[index]


def _compute(
    network: Network, images: torch.Tensor, kept: Sequence[slice], precision: str, device: str
) -> np.ndarray:
    """Apply a network, in full precision where an extreme pixel leaves the range of float16."""
    for chosen in (precision, "full"):
        with computing(chosen, device=device, training=False):
            channels = network.restore_part(images, kept).cpu().numpy()
        if np.isfinite(channels).all():
            break
    return channels


def _batches(tiles: Iterator[_Tile], size: int) -> Iterator[list[_Tile]]:
    """Put tiles together that are the same part of parts of one shape."""
    for _, group in itertools.groupby(sorted(tiles, key=_places), key=_places):
        alike = list(group)
        yield from (alike[start : start + size] for start in range(0, len(alike), size))


def _places(tile: _Tile) -> list[tuple[int, ...]]:
    """Return what tiles have alike that are the same part of parts of one shape."""
    inner, outer = tile
    sides = [part.stop - part.start for part in outer]
    parts = place_in(inner, outer)
    return [(side, part.start, part.stop) for side, part in zip(sides, parts, strict=True)]


def _longest_sides(tile: TileSize, shape: tuple[int, ...], reach: int) -> list[int]:
    """Return the longest side of a tile along each axis of an image."""
    if not isinstance(tile, int):
        if len(tile) < len(shape):
            raise InputError(
                f"The tile has {len(tile)} numbers, but a volume has {len(shape)} axes; give one "
                "number, or one for each axis."
            )
        chosen = tile[len(tile) - len(shape) :]
        given = [side if one is None else one for one, side in zip(chosen, shape, strict=True)]
    elif len(shape) == 3:
        side = math.isqrt(_MOST_VOXELS // shape[0]) - 2 * reach
        given = [shape[0], *[max(1, min(tile, max(side, 2 * reach)))] * 2]
    else:
        given = [tile] * len(shape)
    for side in given:
        positive(side, name="The tile's side")
    return given


def _tiles(
    shape: tuple[int, ...], longest: Sequence[int], stride: int, reach: int
) -> Iterator[_Tile]:
    """Yield the part of the image each tile is kept for, and the larger part it is computed from.

    All edges lie on multiples of the stride, so that pooling sees the same pixels in every tile.
    """
    margin = math.ceil(reach / stride) * stride
    steps = [max(stride, side // stride * stride) for side in longest]
    starts = (range(0, side, step) for side, step in zip(shape, steps, strict=True))
    for start in itertools.product(*starts):
        inner = tuple(
            slice(first, min(first + step, side))
            for first, step, side in zip(start, steps, shape, strict=True)
        )
        outer = tuple(
            slice(max(0, s.start - margin), min(side, s.stop + margin))
            for s, side in zip(inner, shape, strict=True)
        )
        yield inner, outer
