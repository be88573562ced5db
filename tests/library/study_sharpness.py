"""How sharp the runs of a small study are, as the workflow would hand it over."""

import pandas as pd
from study_tables import EXPERIMENTS

METHODS = ["noisy", "laplace", "fft"]
TRUTH = {"line_width_px": 3.0, "line_width_um": 0.3, "edge_width_px": 2.0, "edge_width_um": 0.2}
TRUTH |= {"resolution_1_7_px": 2.0, "resolution_1_7_um": 0.2}
TRUTH |= {"resolution_1_2_px": 2.0, "resolution_1_2_um": 0.2}
TRUTH |= {"coherent_detail": 1.0, "total_detail": 1.0, "finest_correlation": 0.02}
# Width over the truth's: in DDS the two exposures show different things.
WIDTHS = {"noisy": 1.0, "laplace": 1.2, "fft": 0.8}
DETAIL = {"noisy": 0.99, "laplace": 0.7, "fft": 1.3}


def measured(*, micrometres: bool = True) -> pd.DataFrame:
    rows = []
    for experiment in EXPERIMENTS.itertuples():
        for method in METHODS:
            train_set = "" if method == "noisy" else experiment.train_set
            for seed in ("",) if method == "noisy" else ("0", "1"):
                for image in range(3):
                    spread = 1 + 0.01 * (image - 1) + (0.02 * int(seed or 0) - 0.01) * bool(seed)
                    for quantity, truth in TRUTH.items():
                        detail = quantity.endswith("detail")
                        ratio = (DETAIL if detail else WIDTHS)[method] * spread
                        if detail and experiment.experiment == "DDS":
                            ratio = -0.1
                        run = f"{train_set}.{method}.seed{seed}"
                        rows.append(
                            [
                                *(experiment.test_set, run, train_set, method, seed),
                                *(f"image-{image}", "yes", quantity, truth * ratio, truth),
                            ]
                        )
    columns = ["test_set", "run", "train_set", "method", "seed", "image", "simulated"]
    frame = pd.DataFrame(rows, columns=[*columns, "quantity", "value", "truth_value"])
    frame = frame.drop_duplicates(["test_set", "run", "image", "quantity"])
    return frame if micrometres else frame[~frame["quantity"].str.endswith("_um")]
