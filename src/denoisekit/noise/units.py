"""Common units: images of unlike gain, brought to the units of one by their own noise.

Files that were stretched one by one for display, taken with another gain, or by another camera,
count their photons in other units. The photon-transfer line of an image (variance against mean)
tells its units without a truth: where two images have other lines, an affine map takes the one's
line to the other's, and with it the image to the other's units.
"""

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from denoisekit.errors import InputError
from denoisekit.noise.estimate import NoiseByLight, NoiseFit, fit_noise, noise_by_light

# Less than that, the noise of dim and of bright images of one camera differs by chance, too.
_UNLIKE = 1.5
# By that factor, in both directions, no images of one camera and setting were found to differ.
_OTHER_CAMERA = 2.0
_PART_PX = 512
#: Of a movie, to measure its noise.
MEASURED_PLANES = 4


@dataclass(frozen=True)
class Units:
    """The affine map from an image's own units to common ones, ``scale * pixels + level``.

    Attributes
    ----------
    scale, level
        Of the map; 1 and 0 where the image is in common units already.
    note
        What a person should know: that the image was in other units, or that it could not be told.
    """

    scale: float = 1.0
    level: float = 0.0
    note: str = ""

    def common(self, pixels: np.ndarray) -> np.ndarray:
        """Return an image's pixels in common units, as they are where these are its own."""
        if (self.scale, self.level) == (1, 0):
            return pixels
        return (self.scale * pixels.astype(np.float64) + self.level).astype(np.float32)


@dataclass(frozen=True)
class Measured:
    """The noise of images: its groups by light, and the line through them."""

    groups: NoiseByLight
    line: NoiseFit


def measure(
    planes: Sequence[np.ndarray], usable: Sequence[np.ndarray] | None = None
) -> Measured | None:
    """Measure the noise of planes that share their units, or return None where it cannot be told.

    Parameters
    ----------
    planes
        Of one camera and setting, (Y, X) each, in any unit. Of a side of more than 512 px, the
        middles of both halves are looked at.
    usable
        Where each is to be measured, as `denoisekit.noise.usable.sound` takes it.
    """
    found = []
    for number, plane in enumerate(planes):
        for part in _parts(plane.shape):
            where = usable[number][part] if usable else None
            if where is not None and not where.any():
                continue
            with contextlib.suppress(InputError):
                found.append(noise_by_light(plane[part], where))
    if not found:
        return None
    fields = ("means", "variances", "counts")
    groups = NoiseByLight(*(np.concatenate([getattr(f, name) for f in found]) for name in fields))
    line = fit_noise(groups)
    return Measured(groups, line) if line.gain > 0 else None


def _parts(shape: tuple[int, ...]) -> list[tuple[slice, ...]]:
    return list(itertools.product(*map(_spans, shape)))


def _spans(side: int) -> list[slice]:
    """Return the whole of a short side, or the middles of both halves of a long one."""
    if side <= _PART_PX:
        return [slice(0, side)]
    half = min(_PART_PX, side // 2) // 2
    return [slice(middle - half, middle + half) for middle in (side // 4, 3 * side // 4)]


def reference_line(measured: Sequence[Measured | None]) -> NoiseFit | None:
    """Return the line of the image of middle gain, whose units are taken for the common ones.

    None where no image's noise could be measured.
    """
    lines = sorted((one.line for one in measured if one), key=lambda line: line.gain)
    return lines[(len(lines) - 1) // 2] if lines else None


def ratio(measured: Measured, line: NoiseFit) -> float:
    """Return how many times the variance of an image's noise is what a line says.

    Of the dim and of the bright half of its groups, each in the middle, that which differs more;
    infinite where a line says that there is no light.
    """
    expected = line.gain * measured.groups.means + line.intercept
    ratios = np.divide(
        measured.groups.variances, expected, out=np.full(len(expected), np.inf), where=expected > 0
    )
    by_light = ratios[np.argsort(measured.groups.means)]
    halves = [float(np.median(half)) for half in np.array_split(by_light, 2) if len(half)]
    return max(halves, key=lambda times: max(times, 1 / times))


def map_to_common(measured: Measured | None, line: NoiseFit | None, *, name: str) -> Units:
    """Return the map to common units of an image, by its own noise.

    An image whose noise is as the line says, to a factor of 1.5, is in these units already: its
    own line, less certain where it shows little light, is not used.

    Parameters
    ----------
    measured
        The image's noise, as `measure` returns it.
    line
        Photon-transfer line in common units; None where it is not known.
    name
        What to call the image in the note.
    """
    if line is None:
        return Units()
    if measured is None:
        return Units(note=f"The noise of {name} cannot be measured; its units are taken as common.")
    if 1 / _UNLIKE <= ratio(measured, line) <= _UNLIKE:
        return Units()
    scale = line.gain / measured.line.gain
    zero, common_zero = (-one.intercept / one.gain for one in (measured.line, line))
    return Units(
        scale,
        common_zero - scale * zero,
        f"By its noise, the gain of {name} is {1 / scale:.3g} times that of the images to train "
        "on; it is brought to their units.",
    )


def warning(measured: Measured | None, line: NoiseFit | None, *, name: str) -> str | None:
    """Say that an image is in other units than a network was trained in, or return None.

    The parameters are those of `map_to_common`.
    """
    if measured is None or line is None or 1 / _UNLIKE <= ratio(measured, line) <= _UNLIKE:
        return None
    return (
        f"By its noise, {name} is in other units than the images to train on (gain "
        f"{measured.line.gain:.3g} instead of {line.gain:.3g}, or another offset), which are "
        "normalised alike; train with 'normalization: photons', which brings images to common "
        "units."
    )


def check_alike(measured: Mapping[str, Measured | None]) -> None:
    """Raise InputError if images are of unlike gain, for all of which no one noise model holds.

    An image is unlike where the variance of its noise is not what the line of the image of middle
    gain says, nor that image's what its own line says, to a factor of 2.

    Parameters
    ----------
    measured
        The noise of each image by its name; images whose noise is not known are passed over.
    """
    known = {name: one for name, one in measured.items() if one}
    line = reference_line(list(known.values()))
    if line is None:
        return
    middle = next(name for name, one in known.items() if one.line == line)
    unlike = [name for name, one in known.items() if _unlike(one, known[middle])]
    if unlike:
        gains = ", ".join(f"{known[name].line.gain:.3g} in {name}" for name in unlike[:5])
        raise InputError(
            f"One noise model is learned from images of one gain, but that of {len(unlike)} of "
            f"{len(measured)} is not that of {middle}, {line.gain:.3g}, by their own noise: {gains}"
            f"{', ...' if len(unlike) > 5 else ''}. Give the images of each gain (camera, setting "
            "or stretching) a data set, a train set and an experiment of their own, or train a "
            "method without a noise model with 'normalization: photons'."
        )


def _unlike(first: Measured, second: Measured) -> bool:
    ratios = ratio(first, second.line), ratio(second, first.line)
    return all(not 1 / _OTHER_CAMERA <= times <= _OTHER_CAMERA for times in ratios)
