"""Was structure invented or erased? What residuals tell of every method, in words and a table."""

from collections.abc import Sequence

import pandas as pd

from denoisekit.evaluation.residuals import QUANTITIES
from denoisekit.statistics.scores import RUN, by_experiment, side_by_side
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label

#: Columns of the table of residuals, a row per run and image. ``tested`` is yes or no; ``note``
#: says why not, or what was found of the brightness.
MEASURED = (
    RUN
    | dict.fromkeys(("simulated", "image", "tested", "note"), str)
    | dict.fromkeys((*QUANTITIES, "truth_gain", "truth_offset"), float)
    | dict.fromkeys(("scale", "disagreement"), float)
)
#: Columns of the means.
AVERAGED = {
    **dict.fromkeys(("experiment", "method"), str),
    **dict.fromkeys(("images", "tested", "flagged"), int),
    **dict.fromkeys(QUANTITIES, float),
    **{"worst": float, "worst_image": str},
}
# A residual that much narrower, or wider, than the noise is told.
_NARROWER, _WIDER = 0.95, 1.05
# Structure all over an image makes its averaged residual so many times as wide.
_BROAD = 1.2
_COLUMNS = {
    "sd_ratio": "Width",
    "correlation_x": "Corr. x",
    "correlation_y": "Corr. y",
    "log_likelihood": "Log-lik.",
    "expected_log_likelihood": "Expected",
    "null_width": "Null",
    "band_1": "Darkest",
    "band_4": "Brightest",
}
_SHARES = {"invented": "Invented", "erased": "Erased", "worst": "Worst image"}


def share_text(value: float) -> str:
    """Return a share in per cent, with enough digits to tell a small one from none."""
    percent = 100 * value
    if not percent:
        return "0 %"
    if percent < 0.01:
        return "<0.01 %"
    return f"{percent:.2f} %" if percent < 1 else f"{percent:.1f} %"


def most_flagged(measured: pd.DataFrame, *, test_set: str, runs: Sequence[str]) -> str:
    """Return the image of a test set of which most was flagged, over some runs together.

    The first image where none could be tested.
    """
    rows = measured[(measured["test_set"] == test_set) & measured["run"].isin(runs)]
    shares = (rows["invented"] + rows["erased"]).groupby(rows["image"], sort=False).sum()
    return str(shares.idxmax())


def average(
    measured: pd.DataFrame, experiments: pd.DataFrame, *, methods: Sequence[str]
) -> pd.DataFrame:
    """Average what residuals tell of single images over each experiment, with or without a truth.

    Parameters
    ----------
    measured
        The table of residuals, with the columns `MEASURED`.
    experiments, methods
        As `denoisekit.statistics.scores.by_experiment` takes them.

    Returns
    -------
    pandas.DataFrame
        experiment, method, images, tested (of these), flagged (images with any flagged
        pixel), the mean of each of `QUANTITIES` (seeds within images first), and the image of which
        the largest share was flagged, with that share.
    """
    quantities = [*QUANTITIES, "tested"]
    long = measured.assign(tested=(measured["tested"] == "yes").astype(float)).melt(
        id_vars=[*RUN, "simulated", "image"], value_vars=quantities, var_name="metric"
    )
    # What is asked needs no truth.
    every = experiments.assign(truth="yes")
    rows = by_experiment(long.assign(convention=""), every, methods=methods)
    keys = ["experiment", "method"]
    wide = side_by_side(rows, keys=[*keys, "image"], column="metric")
    found = []
    for names, group in wide.groupby(keys, sort=False):
        shares = (group["invented"] + group["erased"]).droplevel(keys)
        known = shares.notna().any()
        found.append(
            dict(zip(keys, names, strict=True))
            | {"images": len(group), "tested": int((group["tested"] > 0).sum())}
            | {"flagged": int((shares > 0).sum())}
            | group[list(QUANTITIES)].mean().to_dict()
            | {"worst": shares.max(), "worst_image": shares.idxmax() if known else ""}
        )
    return pd.DataFrame(found, columns=list(AVERAGED))


def residual_table(averaged: pd.DataFrame) -> Table:
    """Set what `average` returns for reading."""
    names = {**_SHARES, **_COLUMNS}
    frame = averaged.assign(method=averaged["method"].map(method_label)).rename(
        columns={"experiment": "Experiment", "method": "Method", "tested": "Tested", **names}
    )
    formats = {label: fixed(3) for label in _COLUMNS.values()} | {"Tested": fixed(0)}
    return Table(
        "What residuals tell",
        frame[["Experiment", "Method", "Tested", *names.values()]],
        formats | dict.fromkeys(_SHARES.values(), share_text),
        headings=2,
        notes=(
            "Means over the images that could be tested. Invented, erased: share of the pixels "
            "where noisy minus restored image, averaged by a Gaussian of 2 px, is too dark or too "
            "bright for noise, at a false-discovery rate of 5 %; worst: both, in the image with "
            "most. Width: standard deviation of the residual over the noise's (1 at the truth; "
            "smaller where noise was kept or learned, which also hides faults). Corr.: of next "
            "neighbours in the residual. Log-lik.: of the noisy image given the restored one, "
            "nats a pixel, and what is expected of a true one. Null: how many times as wide as "
            "that of independent noise the averaged residual was taken to be, because noise is "
            "correlated or structure is left all over. Darkest, brightest: mean residual of a "
            "quarter of the pixels, in units of the noise.",
        ),
    )


def residual_sentences(measured: pd.DataFrame, averaged: pd.DataFrame) -> list[str]:
    """Say of each experiment what was invented and erased, and how far the test can tell.

    Parameters
    ----------
    measured
        The table of residuals.
    averaged
        As `average` returns it.
    """
    shown = averaged[averaged["method"] != "noisy"]
    sentences = [
        _of_experiment(str(name), group)
        for name, group in shown.groupby("experiment", sort=False)
        if (group["tested"] > 0).any()
    ]
    untested = measured[measured["tested"] == "no"]
    for (test_set, note), group in untested.groupby(["test_set", "note"], sort=False):
        every = group["image"].nunique()
        names = listed(map(method_label, dict.fromkeys(group["method"])))
        sentences.append(
            f"Not tested of {test_set}: {every} {'image' if every == 1 else 'images'} restored by "
            f"{names}. {note}"
        )
    return sentences


def _of_experiment(name: str, group: pd.DataFrame) -> str:
    group = group[group["tested"] > 0].set_index("method")
    marked = group[group["flagged"] > 0]
    parts = [_flagged(method_label(method), row) for method, row in marked.iterrows()]
    silent = [method_label(method) for method in group.index.difference(marked.index, sort=False)]
    said = f"{name}: {'; '.join(parts)}" if parts else f"{name}:"
    if silent:
        said += f"{'; n' if parts else ' n'}othing flagged in {listed(silent)}"
    said += f", of {group['images'].max()} images."
    narrow = _widths(group[group["sd_ratio"] < _NARROWER])
    if narrow:
        said += (
            f" Residuals narrower than the noise, so that noise was kept or learned and faults may "
            f"hide: {narrow}."
        )
    wide = _widths(group[group["sd_ratio"] > _WIDER])
    if wide:
        said += f" Wider than the noise: {wide}."
    broad = group[group["null_width"] > _BROAD]["null_width"]
    if len(broad):
        said += (
            " Averaged residuals wider than independent noise makes them, all over: "
            f"{listed(f'{method_label(m)} {w:.2f} times' for m, w in broad.items())}; that is "
            "correlated noise or structure left everywhere, which the map allows for."
        )
    return said


def _flagged(label: str, row: pd.Series) -> str:
    return (
        f"{label} {share_text(row['invented'])} of the pixels flagged as invented and "
        f"{share_text(row['erased'])} as erased, in {row['flagged']} "
        f"{'image' if row['flagged'] == 1 else 'images'} (most in "
        f"{row['worst_image']}: {share_text(row['worst'])})"
    )


def _widths(rows: pd.DataFrame) -> str:
    return listed(f"{method_label(m)} {value:.2f}" for m, value in rows["sd_ratio"].items())
