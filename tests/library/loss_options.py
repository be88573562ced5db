"""Options of the losses that have some, as the papers give them."""

BANDPASS = {"low_sigma": 0.5, "high_sigma": 5.0}
OPTIONS = {
    "adversarial": {"weight": 0.01, "first_filters": 8},
    "bandpass": BANDPASS,
    "fft-bandpass": {"weight": 1.0, **BANDPASS},
    "ssim": {"data_range": 1.0},
    "ms-ssim-l1": {"alpha": 0.84, "data_range": 1.0},
}
