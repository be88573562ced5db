"""Image statistics of a camera's frames: noise and structure, to compare simulated and measured.

What is measured of both in the same way can be set side by side.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

import numpy as np
from scipy import fft, ndimage, stats

from denoisekit._checks import shape_text
from denoisekit.errors import InputError
from denoisekit.noise.estimate import NoiseByLight, NoiseFit, fit_noise, noise_by_light
from denoisekit.noise.saturation import saturated

#: Side in pixels of the tiles whose spectra are averaged, and the least side of an image.
TILE = 64
_RANGE_PERCENTILES = (0.1, 99.0)
_BACKGROUND = 0.1
_SLOPE_BAND = (0.05, 0.2)
_RED, _BLUE = 0.1, 0.3
# Of single frames, in cycles per pixel: where structure is, and where white noise alone.
_COARSE, _BETWEEN, _FINE = 0.1, (0.3, 0.4), 0.45
_CURVES = ("frequency", "noise_spectrum", "signal_spectrum", "brightness")
_BINS = np.linspace(0, 1, 51)
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Looks:
    """Image statistics of the pairs of a data set. Spectra are along `frequency`.

    Attributes
    ----------
    pairs, fields
        How many pairs of exposures were measured, and of how many fields of view they are.
    gain
        Slope of the short exposures' noise variance over their mean, in counts per photoelectron.
    dark_noise
        Noise of the short exposures where they are darkest, in counts (standard deviation).
    dark_tails
        Excess kurtosis of that noise: 0 for a normal distribution.
    neighbours_y, neighbours_x
        Correlation of the noise of a pixel with that of its neighbour below and beside it.
    redness
        Noise power below 0.1 cycles per pixel over that above 0.3: 1 if the noise is white.
    light
        99th percentile of the short exposures without their noise, in counts above the dark.
    long_noise
        Noise of the long exposures at half their range, in fractions of their range.
    slope
        Exponent of the long exposures' power over frequency from 0.05 to 0.2 cycles per pixel.
    coherence
        How far the long exposures' edges lie parallel within some pixels, from 0 to 1.
    background
        Share of the long exposures' pixels that are within a tenth of the range of the darkest.
    middle
        Median of their other pixels, in fractions of the range.
    transfer
        Noise of groups of pixels of the short exposures; means in counts above the darkest.
    frequency
        (F,) cycles per pixel.
    noise_spectrum
        (F,) power of the noise over its mean: 1 everywhere if it is white.
    signal_spectrum
        (F,) power of the long exposures over that at the lowest frequency.
    brightness
        (50,) density of the long exposures' pixels from the bottom to the top of their range, which
        is from their 0.1 to their 99 percentile.
    """

    pairs: int
    fields: int
    gain: float
    dark_noise: float
    dark_tails: float
    neighbours_y: float
    neighbours_x: float
    redness: float
    light: float
    long_noise: float
    slope: float
    coherence: float
    background: float
    middle: float
    transfer: NoiseByLight
    frequency: np.ndarray
    noise_spectrum: np.ndarray
    signal_spectrum: np.ndarray
    brightness: np.ndarray

    def card(self) -> dict[str, Any]:
        """Return all as numbers and lists, to be written as JSON."""
        card = asdict(self)
        curves = {name: getattr(self, name).tolist() for name in _CURVES}
        transfer = {name: array.tolist() for name, array in card["transfer"].items()}
        return {**card, **curves, "transfer": transfer}

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Self:
        """Return what `card` described."""
        curves = {name: np.array(card[name]) for name in _CURVES}
        transfer = {name: np.array(values) for name, values in card["transfer"].items()}
        return cls(**{**card, **curves, "transfer": NoiseByLight(**transfer)})


def measure_looks(pairs: Sequence[tuple[np.ndarray, np.ndarray]], *, fields: int) -> Looks:
    """Measure image statistics of a data set's pairs: noise and structure, all pixels together.

    Noise that depends on light is measured as `denoisekit.noise.estimate.noise_by_light` does;
    other noise is what is left of a short exposure after the long one is fitted to it, in units of
    the standard deviation that the light of the place leads to expect. The long exposures' own
    noise enters too: where it is a tenth of their standard deviation, the slope of the fit is a
    hundredth too small, and `dark_tails` of a camera without any rises from 0.1 to 0.3; all else
    hardly moves.

    Parameters
    ----------
    pairs
        Short and long exposure of each, both (Y, X) of at least 64 pixels a side and aligned;
        structure that moved between the two would count as noise.
    fields
        How many fields of view they are of: tiles of one field are not independent samples.

    Raises
    ------
    InputError
        If there is no pair, or an image is too small, constant, or without noise.

    References
    ----------
    .. [1] J. R. Janesick, "Photon Transfer", SPIE Press (2007), doi:10.1117/3.725073.
    """
    _check(pairs)
    # Before the cast, which forgets the largest value of the type.
    clear = [~saturated(high) for _, high in pairs]
    pairs = [(low.astype(np.float64), high.astype(np.float64)) for low, high in pairs]
    groups = _together([noise_by_light(low) for low, _ in pairs])
    fit = fit_noise(groups)
    dark_level, dark_variance = _dark(groups)
    expected, noise = zip(
        *(
            _split(low, high, fit, clear=unsaturated, least=0.5 * dark_variance)
            for (low, high), unsaturated in zip(pairs, clear, strict=True)
        ),
        strict=True,
    )
    signal = np.concatenate([image.ravel() for image in expected])
    left = np.concatenate([image.ravel() for image in noise])
    frequency, noise_spectrum = _spectrum(noise)
    _, signal_spectrum = _spectrum([high for _, high in pairs])
    scaled, long_noise = _in_range([high for _, high in pairs])
    foreground = scaled[scaled > _BACKGROUND]
    band = (frequency > _SLOPE_BAND[0]) & (frequency < _SLOPE_BAND[1])
    return Looks(
        pairs=len(pairs),
        fields=fields,
        gain=fit.gain,
        dark_noise=float(np.sqrt(dark_variance)),
        dark_tails=float(stats.kurtosis(left[signal <= np.percentile(signal, 10)])),
        neighbours_y=_neighbours(noise, axis=0),
        neighbours_x=_neighbours(noise, axis=1),
        redness=float(
            noise_spectrum[frequency < _RED].mean() / noise_spectrum[frequency > _BLUE].mean()
        ),
        light=float(np.percentile(signal, 99) - dark_level),
        long_noise=long_noise,
        slope=float(np.polyfit(np.log(frequency[band]), np.log(signal_spectrum[band]), 1)[0]),
        coherence=_coherence([high for _, high in pairs]),
        background=float(np.mean(scaled <= _BACKGROUND)),
        middle=float(np.median(foreground)) if foreground.size else 0.0,
        transfer=NoiseByLight(groups.means - dark_level, groups.variances, groups.counts),
        frequency=frequency,
        noise_spectrum=noise_spectrum / noise_spectrum.mean(),
        signal_spectrum=signal_spectrum / signal_spectrum[0],
        brightness=np.histogram(np.clip(scaled, 0, 1), _BINS, density=True)[0],
    )


def evenly_chosen(items: Sequence[_Item], *, at_most: int) -> Sequence[_Item]:
    """Return at most so many of the items, evenly spaced and beginning with the first."""
    return items[:: -(-len(items) // at_most)]


def background_share(high: np.ndarray) -> float:
    """Return the share of an image's pixels that are within a tenth of its range of the darkest."""
    return float(np.mean(_in_range([high.astype(np.float64)])[0] <= _BACKGROUND))


def _check(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    if not pairs:
        raise InputError("Looks are measured of at least one pair of exposures, but none is given.")
    for low, high in pairs:
        if low.shape != high.shape or low.ndim != 2 or min(low.shape) < TILE:
            raise InputError(
                f"Looks are measured of pairs (Y, X) of one shape and at least {TILE} pixels a "
                f"side, but the exposures have {shape_text(low)} and {shape_text(high)}."
            )


def _together(parts: Iterable[NoiseByLight]) -> NoiseByLight:
    parts = list(parts)
    joined = NoiseByLight(
        np.concatenate([part.means for part in parts]),
        np.concatenate([part.variances for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )
    order = np.argsort(joined.means)
    return NoiseByLight(joined.means[order], joined.variances[order], joined.counts[order])


def _dark(groups: NoiseByLight) -> tuple[float, float]:
    """Return mean and noise variance of the darkest twentieth of all pixels."""
    many = np.cumsum(groups.counts) <= 0.05 * groups.counts.sum()
    many[0] = True
    weights = groups.counts[many]
    return (
        float(np.average(groups.means[many], weights=weights)),
        float(np.average(groups.variances[many], weights=weights)),
    )


def _split(
    low: np.ndarray, high: np.ndarray, fit: NoiseFit, *, clear: np.ndarray, least: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what the long exposure lets expect of the short one, and the noise, about variance 1.

    Where the long exposure is not `clear`, but saturated, the noise is set to 0.
    """
    slope, offset = np.polyfit(high[clear], low[clear], 1)
    expected = slope * high + offset
    deviation = np.sqrt(np.maximum(fit.gain * expected + fit.intercept, least))
    return expected, np.where(clear, (low - expected) / deviation, 0)


def _spectrum(images: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies and the radial mean of the power of all tiles, by Welch's method."""
    window = np.outer(*[np.hanning(TILE + 2)[1:-1]] * 2)
    tiles = np.concatenate([_tiles(image) for image in images])
    tiles = tiles - tiles.mean(axis=(1, 2), keepdims=True)
    power = np.mean(np.abs(fft.fft2(tiles * window)) ** 2, axis=0) / np.sum(window**2)
    axis = fft.fftfreq(TILE, 1 / TILE)
    ring = np.rint(np.hypot(axis[:, None], axis)).astype(int).ravel()
    count = TILE // 2
    mean = np.bincount(ring, power.ravel())[:count] / np.bincount(ring)[:count]
    # The lowest two hold what the window spreads of the mean.
    return np.arange(2, count) / TILE, mean[2:]


def _tiles(image: np.ndarray) -> np.ndarray:
    rows, columns = (side // TILE for side in image.shape)
    cut = image[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return cut.swapaxes(1, 2).reshape(-1, TILE, TILE)


def _neighbours(noise: Sequence[np.ndarray], *, axis: int) -> float:
    products, squares = 0.0, 0.0
    for image in noise:
        along = np.moveaxis(image, axis, 0)
        products += float(np.sum(along[1:] * along[:-1])) / along[1:].size * image.size
        squares += float(np.sum(along**2))
    return products / squares


def _in_range(highs: Sequence[np.ndarray]) -> tuple[np.ndarray, float]:
    """Return all pixels in fractions of the range, and the noise at half of it."""
    pixels = np.concatenate([high.ravel() for high in highs])
    bottom, top = np.percentile(pixels, _RANGE_PERCENTILES)
    fit = fit_noise(_together([noise_by_light(high) for high in highs]))
    noise = np.sqrt(max(fit.gain * (bottom + top) / 2 + fit.intercept, 0.0))
    return (pixels - bottom) / (top - bottom), float(noise / (top - bottom))


def _coherence(highs: Iterable[np.ndarray]) -> float:
    """Return the coherence of the structure tensor, weighted by its energy."""
    parallel, energy = 0.0, 0.0
    for high in highs:
        dy, dx = (ndimage.gaussian_filter(high, 1.5, order=order) for order in ((1, 0), (0, 1)))
        yy, xx, yx = (ndimage.gaussian_filter(part, 4) for part in (dy * dy, dx * dx, dy * dx))
        parallel += float(np.hypot(yy - xx, 2 * yx).sum())
        energy += float((yy + xx).sum())
    return parallel / energy


def measure_frame(image: np.ndarray) -> dict[str, float]:
    """Measure image statistics of a single frame, which need neither a truth nor another frame.

    Parameters
    ----------
    image
        (Y, X) of at least 64 pixels a side, in any unit: none of the numbers depends on it.

    Returns
    -------
    dict
        ``frame_noise``, noise at half of the range over the range (from the 0.1th to the 99th
        percentile), as neighbouring pixels tell it; ``grain``, the decimal logarithm of the power
        from 0.45 cycles per pixel on over that from 0.3 to 0.4: 0 for white noise, below it for an
        image that was enlarged or smoothed; ``fall``, the exponent of power over frequency up to
        0.1 cycles per pixel, which a wider point spread function makes more negative; and
        ``coherence``, ``background`` and ``middle`` as `Looks` has them of long exposures.

    Raises
    ------
    InputError
        If the image is too small or shows nothing.
    """
    if image.ndim != 2 or min(image.shape) < TILE:
        raise InputError(
            f"Looks are measured of images (Y, X) of at least {TILE} pixels a side, but the image "
            f"has {shape_text(image)}."
        )
    pixels = image.astype(np.float64)
    scaled, noise = _in_range([pixels])
    frequency, power = _spectrum([pixels])
    coarse, fine = frequency <= _COARSE, frequency >= _FINE
    between = (frequency >= _BETWEEN[0]) & (frequency < _BETWEEN[1])
    foreground = scaled[scaled > _BACKGROUND]
    return {
        "frame_noise": noise,
        "grain": float(np.log10(power[fine].mean() / power[between].mean())),
        "fall": float(np.polyfit(np.log(frequency[coarse]), np.log(power[coarse]), 1)[0]),
        "coherence": _coherence([pixels]),
        "background": float(np.mean(scaled <= _BACKGROUND)),
        "middle": float(np.median(foreground)) if foreground.size else 0.0,
    }
