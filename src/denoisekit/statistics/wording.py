"""Wording of numbers and names: methods, metrics, p-values, lists."""

from collections.abc import Callable, Iterable

METRIC_UNITS = {"psnr": " dB", "ssim": "", "ms-ssim": "", "nrmse": ""}
METRIC_DIGITS = {"psnr": 2, "ssim": 3, "ms-ssim": 3, "nrmse": 4}
_LABELS = {
    "noisy": "Noisy input",
    "fft-bandpass": "FFT + bandpass",
    "ms-ssim": "MS-SSIM",
    "ms-ssim-l1": "MS-SSIM + L1",
    "vst-bm3d": "VST + BM3D",
    "dncnn": "DnCNN",
    "structn2v": "structN2V",
    "pn2v-prior": "PN2V prior mean",
    **{name: name.upper() for name in ("fft", "mae", "mse", "tv", "nlm", "ssim", "psnr", "nrmse")},
    **{name: name.upper() for name in ("n2n", "n2v", "n2v2", "pn2v")},
}
_METRICS = {
    "psnr": "PSNR (dB) ↑",
    "ssim": "SSIM ↑",
    "ms-ssim": "MS-SSIM ↑",
    "nrmse": "NRMSE ↓",
}


def method_label(method: str) -> str:
    """Return how a method is called in a heading: ``fft`` is FFT, ``pn2v-mine`` is PN2V mine."""
    kind, _, rest = method.partition("-")
    if method not in _LABELS and rest and kind in _LABELS:
        return f"{_LABELS[kind]} {rest.replace('-', ' ').replace('_', ' ')}"
    return _LABELS.get(method, method[:1].upper() + method[1:].replace("_", " "))


def metric_label(metric: str) -> str:
    """Return a metric's name with its unit and an arrow towards better scores."""
    return _METRICS.get(metric, metric)


def listed(names: Iterable[str]) -> str:
    """Return names as in ``MM, AA and MA``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def p_text(p: float) -> str:
    """Return a p-value with two significant digits, as in 0.033 or 1.5e-232."""
    return f"{p:#.2g}"


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
