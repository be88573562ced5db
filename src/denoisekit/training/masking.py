"""Hide pixels of noisy images from the network that is to predict them.

One pixel of each box of a grid is hidden (stratified sampling) and its value replaced by one from
around it. All is computed on the images' device, with fixed shapes and without waiting for it.

Sources: Noise2Void (Krull et al. 2019, doi 10.1109/CVPR.2019.00223), structN2V (Broaddus et al.
2020, doi 10.1109/ISBI45749.2020.9098336), N2V2 (Höck et al. 2022,
doi 10.1007/978-3-031-25069-9_33).
"""

import itertools
import math
from dataclasses import dataclass
from functools import cache

import torch
from torch.nn import functional

from denoisekit._checks import one_of
from denoisekit.errors import InputError

REPLACEMENTS = ("neighbour", "median")
# Spatial axes, counted from the last, that a line runs along.
DIRECTIONS = {"horizontal": (-1,), "vertical": (-2,), "both": (-1, -2)}
_SUM = {2: functional.avg_pool2d, 3: functional.avg_pool3d}


@dataclass(frozen=True)
class Line:
    """A line of pixels whose noise is correlated with that of the pixel in its middle.

    Attributes
    ----------
    direction
        ``horizontal`` (along X), ``vertical`` (along Y), or ``both``, a cross.
    length
        Its length in px, odd, the middle included.
    """

    direction: str
    length: int

    def __post_init__(self) -> None:
        one_of(self.direction, DIRECTIONS, name="The line's direction")
        _check_odd(self.length, name="The line's length")


@dataclass(frozen=True)
class Masked:
    """Images in which pixels are hidden, and which those are.

    Attributes
    ----------
    inputs
        The images with values replaced, (N, 1, *spatial).
    mask
        Where a pixel is hidden, (N, 1, *spatial) bool. Pixels replaced only because they lie on a
        hidden pixel's line are not in it, since nothing is to be learned from them.
    places
        The hidden pixels' positions in the flattened spatial axes, (N, M), one per box of the grid.
    inside
        Which of the places are in the image, (N, M) bool: boxes at the far sides are cut, and what
        is drawn beyond does not count, so that all pixels are hidden equally often.
    """

    inputs: torch.Tensor
    mask: torch.Tensor
    places: torch.Tensor
    inside: torch.Tensor

    def at(self, channels: torch.Tensor) -> torch.Tensor:
        """Return channels, (N, C, *spatial), at the places: (N, C, M)."""
        places = self.places[:, None].expand(-1, channels.shape[1], -1)
        return channels.flatten(2).gather(2, places)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean over the hidden pixels of values at the places, (N, M)."""
        return torch.where(self.inside, values, 0).sum() / self.inside.sum()


def box_side(percent: float, *, dims: int) -> int:
    """Return the side in px of the box that one pixel is hidden in, for a percentage of pixels."""
    return round((100 / percent) ** (1 / dims))


def mask(
    images: torch.Tensor,
    *,
    percent: float,
    neighbourhood: int,
    replacement: str,
    line: Line | None,
    generator: torch.Generator,
) -> Masked:
    """Hide pixels of images.

    Parameters
    ----------
    images
        (N, 1, *spatial) float, two or three spatial axes.
    percent
        Percentage of pixels to hide, as near as whole boxes come to it (Noise2Void: 1.5, PN2V:
        2.8); above 0, and low enough for boxes of 2 px or more.
    neighbourhood
        Side in px, odd, of the square or cube around a hidden pixel that its replacement comes
        from; cut at the images' borders, and without the pixel itself.
    replacement
        ``neighbour``: a pixel of the neighbourhood, drawn at random. ``median``: the median of the
        neighbourhood, of an even number the mean of the middle two (N2V2).
    line
        Pixels to replace together with each hidden one (structN2V), by numbers drawn uniformly
        between the image's least and highest value. No replacement then comes from the line.
    generator
        What all is drawn from, on the images' device.

    Raises
    ------
    InputError
        If an option is not among those allowed, or an image is smaller than a box.
    """
    one_of(replacement, REPLACEMENTS, name="The replacement of hidden pixels")
    _check_odd(neighbourhood, name="The neighbourhood's side")
    sides = tuple(images.shape[2:])
    box = _checked_box(percent, sides)
    places = _draw_places(images, box, generator)
    window = _window(neighbourhood, line, len(sides), images.device)
    values, allowed = _around(images, places.flatten(2), window)
    if replacement == "median":
        replacing = _median(values, allowed)
    else:
        replacing = _drawn(values, allowed, generator)
    hidden = _is_place(places, box, sides)
    inputs = images
    if line is not None:
        inputs = torch.where(_on_lines(hidden, line), _noise(images, generator), inputs)
    # A hidden pixel on the line of another must not tell that one anything either.
    own = hidden if line is None else hidden & ~_on_lines(hidden, line)
    by_box = replacing.reshape(len(images), 1, *places.shape[2:])
    inputs = torch.where(own, _by_pixel(by_box, box, sides), inputs)
    inside = _inside(places.flatten(2), sides)
    return Masked(inputs, hidden, _flat(places.flatten(2), sides), inside)


def _check_odd(side: int, *, name: str) -> None:
    if side < 3 or side % 2 == 0:
        raise InputError(f"{name} must be an odd number of px from 3 on, but is {side}.")


def _checked_box(percent: float, sides: tuple[int, ...]) -> int:
    if not 0 < percent <= 100 or box_side(percent, dims=len(sides)) < 2:
        raise InputError(
            f"The percentage of hidden pixels must be above 0 and leave most pixels visible, but "
            f"is {percent:g}; Noise2Void hides 1.5 %."
        )
    box = box_side(percent, dims=len(sides))
    if min(sides) < box:
        raise InputError(
            f"A patch of {' x '.join(map(str, sides))} px is too small to hide {percent:g} % of "
            f"its pixels, one in each box of {box} px a side; take larger patches, or hide more."
        )
    return box


def _draw_places(images: torch.Tensor, box: int, generator: torch.Generator) -> torch.Tensor:
    """Return a pixel of every box, (N, dims, *boxes); of a cut box, perhaps one that is cut off."""
    counts = [math.ceil(side / box) for side in images.shape[2:]]
    shape = (len(images), len(counts), *counts)
    drawn = torch.rand(shape, generator=generator, device=images.device)
    starts = torch.meshgrid(
        *(torch.arange(count, device=images.device) * box for count in counts), indexing="ij"
    )
    return (drawn * box).long() + torch.stack(starts)


def _by_pixel(values: torch.Tensor, box: int, sides: tuple[int, ...]) -> torch.Tensor:
    """Spread one value per box, (N, C, *boxes), over the box's pixels."""
    for axis, side in enumerate(sides, start=2):
        values = values.repeat_interleave(box, axis).narrow(axis, 0, side)
    return values


def _is_place(places: torch.Tensor, box: int, sides: tuple[int, ...]) -> torch.Tensor:
    """Return which pixels are drawn, (N, 1, *spatial) bool."""
    pixels = torch.meshgrid(
        *(torch.arange(side, device=places.device) for side in sides), indexing="ij"
    )
    return (_by_pixel(places, box, sides) == torch.stack(pixels)).all(1, keepdim=True)


@cache
def _window(side: int, line: Line | None, dims: int, device: torch.device) -> torch.Tensor:
    """Return a neighbourhood's steps from its middle, (dims, W), without those along the line.

    Kept, since a copy from the host to a GPU waits for all work there, and cannot be recorded.
    """
    half = side // 2
    own = {(0,) * dims}
    if line is not None:
        for axis in DIRECTIONS[line.direction]:
            for step in range(-(line.length // 2), line.length // 2 + 1):
                own.add(tuple(step if n == dims + axis else 0 for n in range(dims)))
    steps = itertools.product(range(-half, half + 1), repeat=dims)
    return torch.tensor([step for step in steps if step not in own], device=device).T


def _inside(places: torch.Tensor, sides: tuple[int, ...]) -> torch.Tensor:
    """Return which places, (N, dims, ...), are in the image: (N, ...)."""
    parts = [(part >= 0) & (part < n) for part, n in zip(places.unbind(1), sides, strict=True)]
    return torch.stack(parts).all(0)


def _flat(places: torch.Tensor, sides: tuple[int, ...]) -> torch.Tensor:
    """Return places, (N, dims, ...), as positions in the flattened image, the nearest in it."""
    flat = torch.zeros_like(places[:, 0])
    for part, side in zip(places.unbind(1), sides, strict=True):
        flat = flat * side + part.clamp(0, side - 1)
    return flat


def _around(
    images: torch.Tensor, places: torch.Tensor, window: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the values around places, (N, dims, M), and which are in the image: (N, M, W)."""
    sides = tuple(images.shape[2:])
    near = places[..., None] + window[None, :, None]
    positions = _flat(near, sides)
    values = images.flatten(1).gather(1, positions.flatten(1)).reshape(positions.shape)
    return values, _inside(near, sides)


def _drawn(values: torch.Tensor, allowed: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return one of the allowed values in the last axis, each as likely as the others."""
    chance = torch.rand(allowed.shape[:-1], generator=generator, device=values.device)
    number = (chance * allowed.sum(-1)).long()
    position = (allowed.cumsum(-1) <= number[..., None]).sum(-1, keepdim=True)
    return values.gather(-1, position.clamp(max=values.shape[-1] - 1))[..., 0]


def _median(values: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Return the median of the allowed values in the last axis."""
    ordered = torch.where(allowed, values, torch.inf).sort(-1).values
    count = allowed.sum(-1, keepdim=True)
    middle = [((count - 1) // 2).clamp(min=0), (count // 2).clamp(max=values.shape[-1] - 1)]
    low, high = (ordered.gather(-1, position)[..., 0] for position in middle)
    return (low + high) / 2


def _on_lines(hidden: torch.Tensor, line: Line) -> torch.Tensor:
    """Return which pixels lie on the line of a hidden pixel other than themselves."""
    dims, ones = hidden.ndim - 2, hidden.float()
    others = torch.zeros_like(ones)
    for axis in DIRECTIONS[line.direction]:
        kernel = [1] * dims
        kernel[axis] = line.length
        padding = [side // 2 for side in kernel]
        others += _SUM[dims](ones, kernel, 1, padding, divisor_override=1) - ones
    return others > 0.5


def _noise(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return numbers between each image's least and highest value, as many as it has pixels."""
    axes = tuple(range(1, images.ndim))
    low, high = images.amin(axes, keepdim=True), images.amax(axes, keepdim=True)
    drawn = torch.rand(images.shape, generator=generator, device=images.device)
    return low + drawn.to(images.dtype) * (high - low)
