"""Characterise the noise of an image or a stack without ground truth, and advise a method.

The hard part is to tell noise that is correlated from pixel to pixel from structure, which always
is. Optics let no fine structure pass: at high spatial frequencies an image that is sampled finely
enough holds noise alone. Noise whose correlation ends within two pixels has a spectrum of few
terms, which can be fitted there and read everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from denoisekit import _checks
from denoisekit.errors import InputError
from denoisekit.noise.estimate import (
    DIFFERENCES,
    NoiseByLight,
    fit_noise,
    near_saturation,
    noise_between_frames,
    noise_by_light,
)
from denoisekit.noise.models import NoiseModel, variance
from denoisekit.noise.saturation import saturated_share
from denoisekit.noise.units import Measured
from denoisekit.noise.usable import find, is_blank, repaired, within

CORRELATED = 0.25
_MASKED = 0.05
# A fitted model departs from the variance it was fitted to by some tens of per cent.
_SAME_VARIANCE = 2.0
# Of another data set's, a model with 0.71 times the variance lost 1.8 dB (docs/self-supervised.md).
_SAME_CAMERA = 4 / 3
# Between 8 million, of which no network without truths restored better than VST+BM3D, and 250, of
# which PN2V did (docs/self-supervised.md).
_ENOUGH_TO_LEARN = 50_000_000
_SMALLEST_SIDE = 64
_TILE = 32
# Of fewer, correlations of independent noise scatter by more than 0.1: some 192 pixels a side.
_FEWEST_TILES = 100
# In cycles per pixel: above this, images that are not undersampled hold hardly any structure.
_OPTICS = 0.32
_SEGMENTS = 8
_LAGS = [(0, 0), (0, 1), (0, 2)] + [(y, x) for y in (1, 2) for x in range(-2, 3)]
_X, _Y = [1, 2], [_LAGS.index((1, 0)), _LAGS.index((2, 0))]
# Along which axes a line of hidden pixels runs, by its direction.
_HIDDEN = {None: "", "horizontal": "x", "vertical": "y", "both": "xy"}


@dataclass(frozen=True)
class NoiseCard:
    """What an image's noise is like, in the image's own units.

    Attributes
    ----------
    frames
        Number of frames measured: blank ones, where a camera dropped one, are left out.
    gain, intercept
        The photon-transfer line ``variance = gain * mean + intercept`` (`noise.NoiseFit`), of the
        whole noise, its correlated part included. Where noise is correlated, structure beneath it
        makes both too large in single images.
    offset, read_noise
        The camera's offset, if it was given, and the noise there: one line does not tell them.
    correlation_x, correlation_y
        Autocorrelation of the noise at 1 and 2 pixels along the axis, between -1 and 1.
    row_noise, column_noise
        Standard deviation of an offset that a whole row or column has in common.
    row_share, column_share
        Share of the noise's variance at the mean light that this offset has.
    saturated
        Share of saturated pixels, as `denoisekit.noise.saturation.saturated` marks them.
    floored
        Share of the pixels at the lower end of the range, where many are.
    lowest, highest
        Least and greatest value.
    outside, odd
        Share of the pixels outside of the field, and how many are hot, dead or struck by a cosmic
        ray, as `denoisekit.noise.usable.find` finds them; all else is of the other pixels.
    advice
        What can restore such an image.
    """

    frames: int
    gain: float
    intercept: float
    offset: float | None
    read_noise: float | None
    correlation_x: tuple[float, float]
    correlation_y: tuple[float, float]
    row_noise: float
    column_noise: float
    row_share: float
    column_share: float
    saturated: float
    floored: float
    lowest: float
    highest: float
    advice: "Advice"
    outside: float = 0.0
    odd: int = 0

    def card(self) -> dict[str, Any]:
        """Return all as numbers, texts and lists, to be written as JSON."""
        return asdict(self)

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Self:
        """Return what `card` described."""
        x, y = (tuple(card[name]) for name in ("correlation_x", "correlation_y"))
        advice = Advice(**{**card["advice"], "mask": tuple(card["advice"]["mask"])})
        return cls(**{**card, "correlation_x": x, "correlation_y": y, "advice": advice})


@dataclass(frozen=True)
class Advice:
    """A kind of method, the mask of structN2V if it is that, and the reason in one sentence.

    Attributes
    ----------
    method
        ``supervised``, ``pretrained``, ``vst-bm3d``, ``pn2v``, ``n2v`` or ``structn2v``.
    mask
        How many neighbours to hide on each side along (y, x): a rectangle about the pixel, which
        (0, 0) leaves alone.
    reason
        One sentence.
    """

    method: str
    mask: tuple[int, int]
    reason: str


def measure_noise_card(
    frames: np.ndarray,
    *,
    has_pairs: bool,
    pixels: int | None = None,
    offset: float | None = None,
    outside: Sequence[float | str] | None = None,
) -> NoiseCard:
    """Measure an image's noise without its truth, and advise a method.

    Several frames are compared each with the next, which leaves no structure of a static field;
    what moved is treated like the structure of a single image.

    Parameters
    ----------
    frames
        One image (Y, X) or frames of one field (T, Y, X), of at least 64 pixels a side.
    has_pairs
        Whether there are clean images of such fields to train on.
    pixels
        How many pixels of such images there are to learn from; by default, those of the frames.
    offset
        The camera's value without light, in the image's units, if it is known.
    outside
        As `denoisekit.noise.usable.find` takes it.

    Raises
    ------
    InputError
        If an image is too small, constant, saturated, not finite, or without noise.
    """
    if frames.ndim not in (2, 3) or min(frames.shape[-2:]) < _SMALLEST_SIDE:
        raise InputError(
            f"A noise card is made of one image or of frames of at least {_SMALLEST_SIDE} pixels a "
            f"side, but {_checks.shape_text(frames)} pixels were given; give a larger one."
        )
    stack = _lit(frames if frames.ndim == 3 else frames[None], outside)
    found = find(stack, outside=outside, name="The image whose noise is measured")
    usable = ~found.outside
    saturated = saturated_share(within(stack, usable))
    stack = repaired(stack, found)
    groups, noises = _noises(stack, usable)
    shown = within(stack, usable)
    fit = fit_noise(groups)
    correlation, growth = _noise_alone(noises)
    x, y = ((float(correlation[near]), float(correlation[far])) for near, far in (_X, _Y))
    gain, intercept = growth * fit.gain, growth * fit.intercept
    rows, columns = (
        float(np.median([_line_noise(turn(part.image), turn(part.field)) for part in noises]))
        for turn in (np.asarray, np.transpose)
    )
    pixel_variance = max(gain * float(shown.mean(dtype=np.float64)) + intercept, 0.0)
    total = max(pixel_variance + rows**2 + columns**2, np.finfo(float).tiny)
    shares = rows**2 / total, columns**2 / total
    dark = None if offset is None else float(np.sqrt(max(gain * offset + intercept, 0.0)))
    return NoiseCard(
        frames=len(stack),
        gain=gain,
        intercept=intercept,
        offset=offset,
        read_noise=dark,
        correlation_x=x,
        correlation_y=y,
        row_noise=rows,
        column_noise=columns,
        row_share=shares[0],
        column_share=shares[1],
        saturated=saturated,
        floored=_floored_share(shown),
        lowest=float(shown.min()),
        highest=float(shown.max()),
        advice=advise((x, y), shares, pixels=pixels or shown.size, has_pairs=has_pairs),
        outside=float(found.outside.mean()),
        odd=int(np.count_nonzero(found.points)),
    )


def warning(card: NoiseCard, *, line: str | None) -> str | None:
    """Say why hiding single pixels cannot remove an image's noise, or return None.

    Noise2Void and PN2V learn to predict a hidden pixel from those around it, which they may only
    where these tell nothing about its noise.

    Parameters
    ----------
    card
        The noise of what is trained on.
    line
        Direction of the line of pixels that is hidden together with each (structN2V):
        ``horizontal``, ``vertical`` or ``both``; None where single pixels are hidden.
    """
    correlations = card.correlation_x, card.correlation_y
    shares = card.row_share, card.column_share
    open_axes = [
        axis
        for axis, correlation, share in zip("xy", correlations, shares, strict=True)
        if axis not in _HIDDEN[line] and _reach(correlation, share)
    ]
    if not open_axes:
        return None
    return (
        "noise must be independent from pixel to pixel to be removed by hiding pixels, but "
        f"{_neighbours_text(correlations, shares)}, and no line of them is hidden along "
        f"{' or '.join(open_axes)}: the network will learn to keep some of the noise. Hide such a "
        "line, or train with pairs."
    )


def _lit(stack: np.ndarray, outside: Sequence[float | str] | None) -> np.ndarray:
    """Return a stack without its blank frames, unless it has no others."""
    lit = [not is_blank(frame, outside=outside) for frame in stack]
    return stack[lit] if any(lit) and not all(lit) else stack


@dataclass(frozen=True)
class _Noise:
    """An image that holds the noise, where it can be used, and where it is the field at all."""

    image: np.ndarray
    clear: np.ndarray
    field: np.ndarray


def disagreement(card: NoiseCard, model: NoiseModel, *, borrowed: bool) -> str | None:
    """Say by how much a noise model's variance departs from that which was measured, or None.

    Both are compared at signals in the middle of the range that they have in common; told is a
    median ratio of more than 2, or of more than 4/3 for a borrowed model.

    Parameters
    ----------
    card
        The noise of the images that the model is to be used on.
    model
        Learned from these images or from others.
    borrowed
        Whether it was from others, whose camera may have had another gain.
    """
    low, high = max(card.lowest, model.signals[0]), min(card.highest, model.signals[1])
    if not low < high:
        return (
            f"the noise model holds for signals from {model.signals[0]:g} to {model.signals[1]:g}, "
            f"but the data set's values reach from {card.lowest:g} to {card.highest:g}: learn it "
            "from images of the same camera and settings."
        )
    signals = low + (high - low) * np.linspace(0.2, 0.8, 7)
    own = card.gain * signals + card.intercept
    learned = variance(model, signals)
    ratios = learned[own > 0] / own[own > 0]
    most = _SAME_CAMERA if borrowed else _SAME_VARIANCE
    if not ratios.size or 1 / most <= np.median(ratios) <= most:
        return None
    middle = len(signals) // 2
    return (
        f"the noise model's variance is {learned[middle]:.3g} at a signal of "
        f"{signals[middle]:.3g}, but the data set's own noise card has {own[middle]:.3g}: it was "
        "learned at another gain or another offset. Learn it from images of the same camera and "
        "settings (origin frames, pairs or restoration)."
    )


def departure(measured: Measured | None, model: NoiseModel, *, name: str) -> str | None:
    """Say by how much an image's own noise departs from a noise model's variance, or return None.

    Parameters
    ----------
    measured
        The image's noise, as `denoisekit.noise.units.measure` returns it; None is passed over.
    model
        What the image is to be restored by.
    name
        What to call the image.
    """
    if measured is None:
        return None
    means, variances = measured.groups.means, measured.groups.variances
    times = float(np.median(variances / variance(model, np.clip(means, *model.signals))))
    if 1 / _SAME_VARIANCE <= times <= _SAME_VARIANCE:
        return None
    return (
        f"{name} has noise of {times:.2g} times the variance that the noise model says: it was "
        "taken at another gain or offset, or its noise is not independent from pixel to pixel. "
        "Restore it by a network and a noise model of such images."
    )


def _noises(stack: np.ndarray, usable: np.ndarray) -> tuple[NoiseByLight, list[_Noise]]:
    """Return the noise by light, and images that hold the noise.

    Frames that are the same bytes tell nothing about noise and are left out.
    """
    if len(stack) == 1:
        image, field = stack[0], usable[0]
        clear = ~near_saturation(image) & field
        return noise_by_light(image, field), [_Noise(image.astype(np.float64), clear, field)]
    pairs = [
        (stack[n], stack[n + 1], usable[n] & usable[n + 1])
        for n in range(len(stack) - 1)
        if not np.array_equal(stack[n], stack[n + 1])
    ]
    if not pairs:
        raise InputError(
            f"The {len(stack)} frames are copies of one another, which tell nothing about noise; "
            "give frames that were taken one after the other, or one of them."
        )
    groups = [noise_between_frames(*pair) for pair in pairs]
    together = NoiseByLight(
        *(
            np.concatenate([getattr(group, name) for group in groups])
            for name in ("means", "variances", "counts")
        )
    )
    return together, [
        _Noise(
            (a.astype(np.float64) - b) / np.sqrt(2),
            ~(near_saturation(a) | near_saturation(b)) & field,
            field,
        )
        for a, b, field in pairs
    ]


def _noise_alone(noises: list[_Noise]) -> tuple[np.ndarray, float]:
    """Measure the noise of images and their usable pixels where only noise reaches.

    Returns the autocorrelation at `_LAGS`, and how many times the noise's variance is greater than
    the mean square of its fourth differences: 1 for independent noise, more for noise that is
    correlated.
    """
    frequency_y, frequency_x = np.meshgrid(*[np.fft.fftfreq(_TILE)] * 2, indexing="ij")
    # What whole rows or columns share lies on the axes; it is measured apart.
    off_axes = np.minimum(np.abs(frequency_y), np.abs(frequency_x)) > 1.5 / _TILE
    alone = (np.hypot(frequency_y, frequency_x) > _OPTICS) & off_axes
    powers = np.concatenate([_scaled_power(part.image, part.clear, where=alone) for part in noises])
    if len(powers) < _FEWEST_TILES:
        raise InputError(
            f"Only {len(powers)} tiles of {_TILE} x {_TILE} pixels (overlapping by half) are "
            "neither saturated nor constant nor outside of the field, but the correlation of noise "
            f"cannot be told from fewer than {_FEWEST_TILES}; give a larger image, more frames, or "
            "one exposed less."
        )
    # The median over tiles leaves out sharp edges and specks.
    spectrum = np.median(powers, axis=0)
    waves = np.stack(
        [
            (2 - (lag == (0, 0)))
            * np.cos(2 * np.pi * (frequency_y * lag[0] + frequency_x * lag[1]))
            for lag in _LAGS
        ],
        axis=-1,
    )
    covariances = _fit_spectrum(waves[alone], spectrum)
    whole = waves @ covariances
    whole[alone] = spectrum
    response = np.abs(np.fft.fft(DIFFERENCES, _TILE)) ** 2
    differences = (np.outer(response, response) * whole).mean()
    return covariances / covariances[0], float(covariances[0] / differences)


def _scaled_power(image: np.ndarray, usable: np.ndarray, *, where: np.ndarray) -> np.ndarray:
    """Return the power of each usable tile at some frequencies, over the mean of these."""
    tiles = _tiles(image)[_tiles(usable).all(axis=(1, 2))]
    window = np.outer(*[np.hanning(_TILE + 2)[1:-1]] * 2)
    rest = (tiles - tiles.mean(axis=(1, 2), keepdims=True)) * window
    power = np.abs(np.fft.fft2(rest))[:, where] ** 2
    level = power.mean(axis=1)
    good = level > 1e-12 * image.var()
    return power[good] / level[good, None]


def _fit_spectrum(waves: np.ndarray, spectrum: np.ndarray) -> np.ndarray:
    """Fit covariances to a part of a spectrum, whose errors grow with it."""
    fitted = spectrum
    floor = 0.05 * spectrum.mean()
    for _ in range(4):
        weights = 1 / np.maximum(fitted, floor)
        covariances = np.linalg.lstsq(waves * weights[:, None], spectrum * weights, rcond=None)[0]
        fitted = waves @ covariances
    return covariances


def _tiles(image: np.ndarray) -> np.ndarray:
    """Cut an image into square tiles, (tile, Y, X), that overlap by half."""
    views = sliding_window_view(image, (_TILE, _TILE))[:: _TILE // 2, :: _TILE // 2]
    return views.reshape(-1, _TILE, _TILE)


def _line_noise(image: np.ndarray, field: np.ndarray) -> float:
    """Return the standard deviation of the offset that the pixels of a row have in common.

    A row is cut into segments. What their fourth differences across rows have in common is the
    row's; structure and the noise of pixels differ from one segment to the next. Segments that
    reach out of the field are left out.
    """
    width = image.shape[1] // _SEGMENTS * _SEGMENTS
    means, inside = (
        part[:, :width].reshape(len(image), _SEGMENTS, -1).mean(axis=2) for part in (image, field)
    )
    jumps, all_inside = (
        np.apply_along_axis(np.convolve, 0, part, weights, "valid")
        for part, weights in ((means, DIFFERENCES), (inside == 1, np.ones(DIFFERENCES.size)))
    )
    jumps = jumps * (all_inside == DIFFERENCES.size)
    together = jumps.sum(axis=1) ** 2 - (jumps**2).sum(axis=1)
    segments = np.sum(all_inside == DIFFERENCES.size, axis=1)
    pairs = (segments * (segments - 1)).mean()
    variance = together.mean() / pairs if pairs else 0.0
    return float(np.sqrt(max(variance, 0.0)))


def _floored_share(stack: np.ndarray) -> float:
    """Return the share of the pixels that have the least value, or 0 where it is rare."""
    share = np.count_nonzero(stack == stack.min()) / stack.size
    return share if share > 1e-4 else 0.0


def advise(
    correlations: tuple[tuple[float, float], tuple[float, float]],
    lines: tuple[float, float],
    *,
    pixels: int,
    has_pairs: bool,
    volumes: bool = False,
    unlike: int = 0,
) -> Advice:
    """Advise what has done best on images of such noise, and of as many.

    Parameters
    ----------
    correlations
        Of the noise along x and along y, each at 1 and 2 pixels.
    lines
        Shares of the noise's variance that whole rows and columns have.
    pixels
        How many there are to learn from.
    has_pairs
        Whether there are clean images to train on.
    volumes
        Whether the images are stacks, which the filter ``pretrained`` does not take.
    unlike
        How many of the fields measured are in other units than the rest, which one noise model
        cannot describe.
    """
    (x, y), (rows, columns) = correlations, lines
    neighbours = _neighbours_text(correlations, lines)
    hide_x, hide_y = _reach(x, rows), _reach(y, columns)
    if has_pairs:
        return Advice(
            "supervised",
            (0, 0),
            "There are clean images, and training with them takes nothing for granted about the "
            f"noise: {neighbours}.",
        )
    if hide_x or hide_y:
        return Advice(
            "structn2v",
            (hide_y, hide_x),
            f"Filters, PN2V and N2V take noise for independent from pixel to pixel, but "
            f"{neighbours}; hide {hide_x} neighbours on each side along x and {hide_y} along y, or "
            "train with pairs.",
        )
    if pixels < _ENOUGH_TO_LEARN:
        return Advice(
            "vst-bm3d" if volumes else "pretrained",
            (0, 0),
            f"Noise is independent enough ({neighbours}), but on so few pixels ({pixels / 1e6:.2g} "
            f"million; {_ENOUGH_TO_LEARN / 1e6:g} are enough) no network that learned from noisy "
            "images alone has restored better than this filter.",
        )
    if unlike:
        return Advice(
            "n2v",
            (0, 0),
            f"Noise is independent enough ({neighbours}), but {unlike} of the fields measured are "
            "in other units than the rest, so that one noise model does not describe them all.",
        )
    return Advice("pn2v", (0, 0), f"Noise is independent enough for a noise model: {neighbours}.")


def _neighbours_text(
    correlations: tuple[tuple[float, float], tuple[float, float]], lines: tuple[float, float]
) -> str:
    x, y = (near for near, _ in correlations)
    text = f"neighbouring pixels' noise has a correlation of {x:.2f} along x and {y:.2f} along y"
    if max(lines) > _MASKED:
        text += f", and whole rows share {lines[0]:.0%} of the variance, columns {lines[1]:.0%}"
    return text


def _reach(correlation: tuple[float, float], line: float) -> int:
    """Return how many neighbours to hide; five, as published, if whole lines share their noise."""
    near, far = (abs(value) for value in correlation)
    if line + near <= CORRELATED:
        return 0
    if line > _MASKED or far > CORRELATED:
        return 5
    return 2 if far > _MASKED else 1
