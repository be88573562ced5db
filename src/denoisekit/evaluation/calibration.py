"""Whether predicted distributions hold what they promise, and what brings them there.

*Coverage* is the share of pixels that a central interval holds; an interval of 90 % should hold
90 %. A Laplace distribution fitted to errors of another kind can do so at one level and at no
other, hence several. *Temperature* is the one factor on all scales that is likeliest for images
that were kept from training. *Conformal risk control* gives a factor with a guarantee, for images
and not for pixels, since the pixels of one image are no independent samples. *Sparsification* asks
whether errors are where the uncertainty is, whatever its scale.

All of these compare truth and prediction in one space, to which `together` brings them.

Sources: conformal risk control: Angelopoulos et al. 2022, arXiv 2208.02814; sparsification: Ilg et
al. 2018, doi 10.1007/978-3-030-01234-2_40.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from denoisekit._checks import finite, not_constant, same_shape
from denoisekit.errors import InputError
from denoisekit.evaluation.scaling import affine_fit, percentile_scaled
from denoisekit.evaluation.uncertainty import LaplaceMixture

#: Levels of the central intervals that are held against the truth.
LEVELS = (0.5, 0.8, 0.9, 0.95)
#: Levels that a reliability curve is drawn of.
CURVE_LEVELS = (*(round(0.05 * step, 2) for step in range(1, 20)), 0.99)
# Temperatures that are tried before the best is refined: a mixture's likelihood may have two peaks.
_TRIED = 33
_STEPS = 100
# A sparsification curve is drawn through every fifth of them.
_DRAWN = slice(2, None, 5)
# Shares of pixels are sums of many parts.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Reliability:
    """How often central intervals hold the truth, and how wide they are.

    Attributes
    ----------
    levels
        What share of pixels the intervals should hold, (L,).
    coverage
        What share they hold, (L,).
    by_band
        The same in each band of predicted intensity, darkest first, (bands, L); NaN in a band
        without pixels.
    width
        Their mean width in the truth's units, (L,).
    """

    levels: np.ndarray
    coverage: np.ndarray
    by_band: np.ndarray
    width: np.ndarray


@dataclass(frozen=True)
class RiskControl:
    """A factor on scales for which the share of missed pixels is bounded, if there is one.

    Attributes
    ----------
    alpha
        The bound on the mean share of missed pixels in a new image.
    images
        How many it was calibrated on.
    needed
        How many that takes at least.
    factor
        What to multiply the scale by, so that the mean plus or minus the product holds the truth;
        None with fewer images than needed, where nothing is guaranteed.
    """

    alpha: float
    images: int
    needed: int
    factor: float | None


@dataclass(frozen=True)
class Sparsification:
    """Which error is left when the most uncertain pixels are removed.

    Attributes
    ----------
    removed
        Share of pixels removed, (steps,).
    error
        Mean absolute error of the others over that of all, (steps,).
    oracle
        The same where those of the largest error are removed, which no uncertainty can beat.
    """

    removed: np.ndarray
    error: np.ndarray
    oracle: np.ndarray

    @property
    def area(self) -> float:
        """Area under the curve: 1 of an uncertainty that tells nothing, less of one that does."""
        return float(self.error.mean())

    @property
    def oracle_area(self) -> float:
        """The least area that is possible."""
        return float(self.oracle.mean())


@dataclass(frozen=True)
class Learned:
    """What is learned on images kept from training.

    Attributes
    ----------
    temperature
        The likeliest factor on all scales; NaN without any image.
    control
        A factor with a guarantee, if there are fields enough.
    """

    temperature: float
    control: RiskControl


def together(
    truth: np.ndarray, mixture: LaplaceMixture, usable: np.ndarray | None = None
) -> tuple[np.ndarray, LaplaceMixture]:
    """Return truth and prediction on CARE's common scale, (pixels,), where both are usable.

    As scores do in the convention ``care``: the truth scaled to its percentiles, zero-mean, and the
    prediction's mean fitted to it; the scales take the same factor. A coverage without that counts
    an unlike gain or offset as error.

    Parameters
    ----------
    truth
        (*spatial), in its own units.
    mixture
        In the restored image's units.
    usable
        Which pixels are an image, bool; all if None.

    Raises
    ------
    InputError
        If the shapes differ, the truth is not finite or has no signal, or the prediction is
        constant.
    """
    same_shape(truth, mixture.means[0], names=("The truth", "the restored image"))
    chosen = np.ones(truth.shape, bool) if usable is None else usable
    kept = LaplaceMixture(mixture.means[:, chosen], mixture.scales[:, chosen])
    truth, mean = truth[chosen], kept.mean()
    finite(truth, name="The truth")
    not_constant(mean, name="The restored image")
    truth = percentile_scaled(truth)
    truth -= truth.mean()
    return truth, kept.mapped(*affine_fit(truth, mean))


def reliability(
    truth: np.ndarray, mixture: LaplaceMixture, *, levels: Sequence[float], bands: int
) -> Reliability:
    """Hold central intervals against the truth, over all pixels and by predicted intensity.

    Parameters
    ----------
    truth
        (*spatial), in the mixture's units; see `together`.
    mixture
        What is predicted.
    levels
        What share of pixels the intervals should hold, 0 to 1.
    bands
        How many of predicted intensity, of equally many pixels each where values are not equal.
    """
    mean = mixture.mean()
    edges = np.quantile(mean, np.arange(1, bands) / bands)
    band = np.searchsorted(edges, mean, side="right").reshape(-1)
    pixels = np.bincount(band, minlength=bands)
    central, shares, widths = _central(truth, mixture).reshape(-1), [], []
    for level in levels:
        low, high = mixture.interval(level)
        shares.append(np.bincount(band, central <= level, minlength=bands))
        widths.append(float(np.mean(high - low)))
    held_in = np.array(shares).T
    by_band = np.divide(
        held_in, pixels[:, None], out=np.full(held_in.shape, np.nan), where=pixels[:, None] > 0
    )
    return Reliability(
        np.array(levels), held_in.sum(0) / len(band), by_band, np.array(widths, np.float64)
    )


def reliability_curve(truth: np.ndarray, mixture: LaplaceMixture) -> np.ndarray:
    """Return what share of pixels central intervals of `CURVE_LEVELS` hold, (levels,).

    Parameters
    ----------
    truth
        (*spatial), in the mixture's units; see `together`.
    mixture
        What is predicted.
    """
    central = np.sort(_central(truth, mixture), axis=None)
    held = np.searchsorted(central, CURVE_LEVELS, side="right")
    return np.asarray(held / central.size, np.float64)


def _central(truth: np.ndarray, mixture: LaplaceMixture) -> np.ndarray:
    """Return the level of the least central interval that holds the truth."""
    return np.asarray(np.abs(2 * mixture.distribution(truth) - 1), np.float64)


def temperature(observed: Sequence[tuple[np.ndarray, LaplaceMixture]]) -> float:
    """Return the factor on all scales that makes what was observed likeliest.

    Of one network it is the mean absolute error over b; of a mixture it is searched for.

    Parameters
    ----------
    observed
        Truths and what was predicted for them, each in one space; see `together`. All pixels of all
        images count alike, and must be none that are tested on.

    Raises
    ------
    InputError
        If there is no image, their mixtures have unlike numbers of members, or the prediction is
        the truth everywhere.
    """
    truth, mixture = _pooled(observed)
    errors = np.abs(truth - mixture.means) / mixture.scales
    least, most = float(errors.min(0).mean()), float(errors.max(0).mean())
    if not least > 0:
        raise InputError(
            "The predicted image is the truth itself, so that no temperature can be learned of it; "
            "take images that were kept from training."
        )
    if mixture.members == 1:
        return least

    def loss(log: float) -> float:
        return float(mixture.scaled(math.exp(log)).negative_log_likelihood(truth).mean())

    # The likeliest factor is a mean of these errors, weighed pixel by pixel.
    tried = np.linspace(math.log(least), math.log(most), _TRIED)
    best = int(np.argmin([loss(log) for log in tried]))
    bounds = (tried[max(best - 1, 0)], tried[min(best + 1, _TRIED - 1)])
    return math.exp(scipy.optimize.minimize_scalar(loss, bounds=bounds, options={"xatol": 1e-7}).x)


def _pooled(
    observed: Sequence[tuple[np.ndarray, LaplaceMixture]],
) -> tuple[np.ndarray, LaplaceMixture]:
    members = {mixture.members for _, mixture in observed}
    if len(members) != 1:
        found = ", ".join(map(str, sorted(members))) or "none"
        raise InputError(
            f"A temperature is learned of images of one ensemble, but the numbers of members are "
            f"{found}; give one image at least, restored by the same networks."
        )
    return np.concatenate([truth.reshape(-1) for truth, _ in observed]), LaplaceMixture(
        *(
            np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
            for parts in zip(*((m.means, m.scales) for _, m in observed), strict=True)
        )
    )


def images_needed(alpha: float) -> int:
    """Return how many calibration images a bound on the share of missed pixels takes at least."""
    if not 0 < alpha < 1:
        raise InputError(
            f"The share of pixels that may be missed must lie between 0 and 1, but is {alpha:g}."
        )
    return max(1, math.ceil(1 / alpha - 1 - _ROUNDING))


def control_risk(
    truths: Sequence[np.ndarray],
    means: Sequence[np.ndarray],
    scales: Sequence[np.ndarray],
    *,
    alpha: float,
) -> RiskControl:
    """Find the smallest factor on the scale for which few pixels of a new image are missed.

    A pixel is missed if its truth lies farther from the mean than the factor times the scale. The
    share of missed pixels in an image is its risk. The factor is the smallest for which
    n / (n + 1) times the mean risk of n images plus 1 / (n + 1) is at most alpha: the mean risk of
    a new image is then at most alpha, if that is drawn as the n were (other fields, same sample,
    same microscope). Of one image nothing is promised.

    Parameters
    ----------
    truths, means, scales
        Of each calibration image, any shape, in one space; see `together`. A mixture has
        its standard deviation over the root of 2 for its scale. Images of one field are one.
    alpha
        The bound, 0 to 1.

    Raises
    ------
    InputError
        If shapes differ, a scale is not above zero and finite, or alpha is no share.
    """
    needed, images = images_needed(alpha), len(truths)
    if images < needed:
        return RiskControl(alpha, images, needed, None)
    ratios, weights = [], []
    for truth, mean, scale in zip(truths, means, scales, strict=True):
        mixture = LaplaceMixture(mean[None], scale[None])
        same_shape(truth, mean, names=("The truth", "the restored image"))
        finite(truth, name="The truth")
        ratios.append((np.abs(truth - mixture.means[0]) / scale).reshape(-1))
        weights.append(np.full(truth.size, 1 / (images * truth.size)))
    ratio, weight = np.concatenate(ratios), np.concatenate(weights)
    order = np.argsort(ratio)[::-1]
    # The mean risk where the factor is each of these ratios: all that is strictly farther.
    _, first = np.unique(-ratio[order], return_index=True)
    risk = (np.cumsum(weight[order]) - weight[order])[first]
    allowed = max(0.0, ((images + 1) * alpha - 1) / images)
    return RiskControl(
        alpha, images, needed, float(ratio[order][first][risk <= allowed + _ROUNDING].min())
    )


def sparsification(error: np.ndarray, uncertainty: np.ndarray) -> Sparsification:
    """Remove the most uncertain pixels, and say which error is left.

    Pixels of equal uncertainty count with their mean error, so that no order among them helps.

    Parameters
    ----------
    error
        Absolute error, any shape and units.
    uncertainty
        Same shape, in any units: a scale, a disagreement, a standard deviation.

    Raises
    ------
    InputError
        If the shapes differ, a pixel is not finite, or there is no error at all.
    """
    same_shape(error, uncertainty, names=("The error", "the uncertainty"))
    finite(error, name="The error")
    finite(uncertainty, name="The uncertainty")
    error = np.asarray(error, np.float64).reshape(-1)
    if not error.any():
        raise InputError(
            "The restored image is the truth itself: there is no error that uncertainty could tell."
        )
    _, group = np.unique(uncertainty, return_inverse=True)
    group = group.reshape(-1)
    shared = (np.bincount(group, error) / np.bincount(group))[group]
    removed = (np.arange(_STEPS) + 0.5) / _STEPS
    kept = np.maximum(1, np.rint((1 - removed) * error.size).astype(int))

    def left(values: np.ndarray) -> np.ndarray:
        return np.cumsum(values)[kept - 1] / kept / error.mean()

    return Sparsification(removed, left(shared[np.argsort(group)]), left(np.sort(error)))


def rank_correlation(error: np.ndarray, uncertainty: np.ndarray) -> float:
    """Return Spearman's correlation of absolute error and uncertainty, -1 to 1.

    NaN where either has one value everywhere.
    """
    same_shape(error, uncertainty, names=("The error", "the uncertainty"))
    ranks = [scipy.stats.rankdata(part) for part in (error, uncertainty)]
    first, second = (part.reshape(-1) - part.mean() for part in ranks)
    spread = math.sqrt(np.sum(first**2) * np.sum(second**2))
    return float(np.sum(first * second) / spread) if spread > 0 else math.nan


def learn(
    kept: Mapping[str, Sequence[tuple[np.ndarray, LaplaceMixture]]], *, alpha: float
) -> Learned:
    """Learn temperature and risk control on images kept from training, by their field of view.

    Parameters
    ----------
    kept
        Of each field its truths and what was predicted for them, in one space; see `together`.
    alpha
        The bound that risk control is to hold, 0 to 1.
    """
    observed = [pair for pairs in kept.values() for pair in pairs]
    fields = [_pooled(pairs) for pairs in kept.values()]
    control = control_risk(
        [truth for truth, _ in fields],
        [mixture.mean() for _, mixture in fields],
        [_own_scale(mixture) for _, mixture in fields],
        alpha=alpha,
    )
    return Learned(temperature(observed) if observed else math.nan, control)


def measure(
    truth: np.ndarray, mixture: LaplaceMixture, learned: Learned, *, bands: int
) -> dict[str, float]:
    """Measure how well one image's prediction is calibrated, before and after what was learned.

    Parameters
    ----------
    truth, mixture
        In one space; see `together`.
    learned
        On images kept from training.
    bands
        Of predicted intensity, for the coverage of 90 %.

    Returns
    -------
    dict
        By level in percent ``coverage_90`` (of `CURVE_LEVELS`) and ``width_90`` (of `LEVELS`),
        ``crps`` and ``nll``, all with
        ``calibrated_`` before them after the temperature, and NaN without any; ``coverage_90_band``
        and a number, darkest first; areas under the sparsification curves by ``area_scale``, and
        for an ensemble ``area_disagreement`` and ``area_spread``, beside ``area_oracle``;
        and the curves themselves, ``left_scale_12.5`` with the percentage that is removed;
        ``rank_scale``; ``temperature``, ``kept`` (fields), ``needed``, ``factor`` and ``missed``,
        the share of pixels beyond that factor, NaN without a guarantee.
    """
    held = reliability(truth, mixture, levels=LEVELS, bands=bands)
    plain = _scores(truth, mixture, held)
    found = dict(plain)
    dark_to_bright = held.by_band[:, LEVELS.index(0.9)]
    found |= {f"coverage_90_band_{n}": float(v) for n, v in enumerate(dark_to_bright, start=1)}
    if math.isnan(learned.temperature):
        found |= {f"calibrated_{name}": math.nan for name in plain}
    else:
        scaled = mixture.scaled(learned.temperature)
        after = _scores(truth, scaled, reliability(truth, scaled, levels=LEVELS, bands=1))
        found |= {f"calibrated_{name}": value for name, value in after.items()}
    error, scale = np.abs(truth - mixture.mean()), _own_scale(mixture)
    found |= _sparse(error, {"scale": scale, "oracle": error})
    found["rank_scale"] = rank_correlation(error, scale)
    if mixture.members > 1:
        others = {"disagreement": mixture.disagreement(), "spread": mixture.spread()}
        found |= _sparse(error, others)
    control = learned.control
    missed = math.nan
    if control.factor is not None:
        missed = float(np.mean(error > control.factor * scale))
    return found | {
        **{"temperature": learned.temperature, "kept": control.images, "needed": control.needed},
        **{"factor": math.nan if control.factor is None else control.factor, "missed": missed},
    }


def _scores(truth: np.ndarray, mixture: LaplaceMixture, held: Reliability) -> dict[str, float]:
    curve = zip(CURVE_LEVELS, reliability_curve(truth, mixture), strict=True)
    return {
        "crps": float(mixture.crps(truth).mean()),
        "nll": float(mixture.negative_log_likelihood(truth).mean()),
        **{f"coverage_{round(100 * level)}": float(share) for level, share in curve},
        **{f"width_{round(100 * n)}": float(w) for n, w in zip(LEVELS, held.width, strict=True)},
    }


def _sparse(error: np.ndarray, uncertainties: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return areas under sparsification curves, and the curves by the percentage removed."""
    found = {}
    for name, uncertainty in uncertainties.items():
        curve = sparsification(error, uncertainty)
        found[f"area_{name}"] = curve.area
        drawn = zip(curve.removed[_DRAWN], curve.error[_DRAWN], strict=True)
        found |= {f"left_{name}_{100 * share:.1f}": float(left) for share, left in drawn}
    return found


def _own_scale(mixture: LaplaceMixture) -> np.ndarray:
    """Return the scale that is written beside a mixture's mean."""
    return mixture.standard_deviation() / math.sqrt(2)
