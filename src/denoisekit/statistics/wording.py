"""Wording of numbers and names: methods, metrics, p-values, lists."""

from collections.abc import Callable, Iterable

from denoisekit.evaluation.metrics import METRICS

# Above where two digits of a float are lost.
_SMALLEST_P = 1e-300
#: Said after the name of a method whose loss sees no brightness.
ARBITRARY = "(brightness arbitrary)"
_LABELS = {
    "care": "CARE",
    "noisy": "Noisy input",
    "best-filter": "the best filter",
    "fft-bandpass": "FFT + bandpass",
    "ms-ssim": "MS-SSIM",
    "ms-ssim-l1": "MS-SSIM + L1",
    "vst-bm3d": "VST + BM3D",
    "zs-n2n": "ZS-N2N",
    "dncnn": "DnCNN",
    "nafnet": "NAFNet",
    "structn2v": "structN2V",
    "pn2v-prior": "PN2V prior mean",
    "richardson-lucy": "Richardson-Lucy",
    **{name: name.upper() for name in ("fft", "mae", "mse", "tv", "nlm", "ssim")},
    **{name: name.upper() for name in ("n2n", "n2v", "n2v2", "pn2v")},
}


def method_label(method: str) -> str:
    """Return how a method is called in a heading: ``fft`` is FFT, ``pn2v-mine`` is PN2V mine."""
    kind, _, rest = method.partition("-")
    if method not in _LABELS and rest and kind in _LABELS:
        return f"{_LABELS[kind]} {rest.replace('-', ' ').replace('_', ' ')}"
    return _LABELS.get(method, method[:1].upper() + method[1:].replace("_", " "))


def metric_name(metric: str) -> str:
    """Return how a metric is called: ``psnr`` is PSNR; one that a paper alone has, in capitals."""
    return METRICS[metric].label if metric in METRICS else metric.upper()


def metric_label(metric: str) -> str:
    """Return a metric's name with its unit and an arrow towards better scores."""
    if metric not in METRICS:
        return metric
    known = METRICS[metric]
    unit = f" ({known.unit})" if known.unit else ""
    return f"{known.label}{unit} {'↑' if known.higher_is_better else '↓'}"


def unit_text(metric: str) -> str:
    """Return a metric's unit as it follows a number, or an empty text."""
    unit = METRICS[metric].unit
    return f" {unit}" if unit else ""


def score_format(metric: str) -> Callable[[float], str]:
    """Return a format with a metric's digits."""
    return fixed(METRICS[metric].digits)


def score_text(value: float, metric: str) -> str:
    """Return a score, or how far two lie apart, with its unit: 30.12 dB, 0.912."""
    return score_format(metric)(value) + unit_text(metric)


def difference_text(value: float, metric: str) -> str:
    """Return a difference of scores with its sign and unit: +0.12 dB."""
    return signed(METRICS[metric].digits)(value) + unit_text(metric)


def named_score(value: float, metric: str) -> str:
    """Return a score that tells its metric, by its unit or by name: 30.12 dB, SSIM 0.912."""
    text = score_text(value, metric)
    return text if METRICS[metric].unit else f"{METRICS[metric].label} {text}"


def listed(names: Iterable[str]) -> str:
    """Return names as in ``MM, AA and MA``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def range_text(lowest: str, highest: str) -> str:
    """Return ``lowest to highest``, or one of them where they read alike."""
    return lowest if lowest == highest else f"{lowest} to {highest}"


def p_text(p: float) -> str:
    """Return a p-value with two significant digits, as in 0.033 or 1.5e-232.

    Below what the machine's numbers hold with these digits it is < 1e-300, and never 0.
    """
    return f"<\u00a0{_SMALLEST_P:g}" if p < _SMALLEST_P else f"{p:#.2g}"


def p_equals(p: float) -> str:
    """Return a p-value for a sentence, as in p = 0.033."""
    text = p_text(p)
    return f"p\u00a0{text}" if text.startswith("<") else f"p\u00a0=\u00a0{text}"


def signed(digits: int) -> Callable[[float], str]:
    """Return a format with a sign and so many digits: +0.12, −0.30, 0.00."""

    def text(value: float) -> str:
        rounded = f"{value:+.{digits}f}"
        return rounded[1:] if float(rounded) == 0 else rounded.replace("-", "−")

    return text


def fixed(digits: int) -> Callable[[float], str]:
    """Return a format with so many digits after the point: 30.12, −0.30."""

    def text(value: float) -> str:
        return f"{value:.{digits}f}".replace("-", "−")

    return text
