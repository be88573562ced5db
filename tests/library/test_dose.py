import numpy as np
import pandas as pd
import pytest

from denoisekit.figures.dose import draw_dose
from denoisekit.statistics import dose

METHODS = ["noisy", "tv", "laplace"]
NAMES = ["a", "b", "c", "d"]
PHOTONS = [100.0, 10.0, 1.0, 0.1]
SWEEPS = {"actin": {"experiments": NAMES, "metric": "psnr", "limit": 30.0}}
EXPERIMENTS = pd.DataFrame(
    [[name, name, name, f"data-{name}", 9, 8, 8, "yes", "no", "yes", "", "-"] for name in NAMES],
    columns=[
        *("experiment", "train_set", "test_set", "test_dataset", "train_images", "test_images"),
        *("test_fields", "truth", "movie", "simulated", "methods", "description"),
    ],
)
#: PSNR at 100 photons; each decade less takes five decibels.
AT_100 = {"noisy": 20.0, "tv": 32.5, "laplace": 37.5}


def photons(images: int = 8) -> dict[str, pd.DataFrame]:
    """Return photons that differ from image to image by up to a fifth."""
    names = [f"i{n}" for n in range(images)]
    factors = 1 + 0.2 * np.linspace(-1, 1, images)
    return {
        f"data-{name}": pd.DataFrame({"image": names, "photons": light * factors})
        for name, light in zip(NAMES, PHOTONS, strict=True)
    }


def measured(images: int = 8) -> pd.DataFrame:
    rows = []
    for name in NAMES:
        light = photons(images)[f"data-{name}"].set_index("image")["photons"]
        for method, best in AT_100.items():
            train_set = name if method == "laplace" else ""
            for number, (image, count) in enumerate(light.items()):
                value = best + 5 * np.log10(count / 100) + 0.1 * (number % 2)
                for seed in ("0", "1") if train_set else ("",):
                    run = f"{name}.{method}.seed{seed}" if train_set else method
                    row = [name, run, train_set, method, seed, image, "yes"]
                    rows += [[*row, "psnr", value], [*row, "resolution_1_7_px", 50 - value]]
    columns = ["test_set", "run", "train_set", "method", "seed", "image", "simulated"]
    return pd.DataFrame(rows, columns=[*columns, "metric", "value"])


def images(**options) -> pd.DataFrame:
    return dose.by_light(
        measured(**options), EXPERIMENTS, photons(**options), sweeps=SWEEPS, methods=METHODS
    )


def least(found: pd.DataFrame, **settings) -> pd.DataFrame:
    sweeps = {"actin": SWEEPS["actin"] | settings}
    return dose.least_light(found, sweeps=sweeps, alpha=0.05).set_index("method")


def test_seeds_are_averaged_and_images_keep_their_own_light():
    found = images()
    assert len(found) == 4 * 3 * 8 * 2
    row = found[(found["method"] == "laplace") & (found["image"] == "i0")].iloc[0]
    assert row["photons"] == pytest.approx(80)
    assert (row["sweep"], row["experiment"], row["kind"]) == ("actin", "a", "network")


def test_the_least_light_is_where_a_score_over_the_logarithm_of_light_meets_the_limit():
    table = least(images())
    # 37.5 + 5 log10(photons / 100) = 30, and 0.1 dB of half of the images.
    crossings = 10 ** (2 + (30 - 37.5 - np.array([0.0, 0.1] * 4)) / 5)
    assert table.loc["laplace", "photons"] == pytest.approx(np.exp(np.log(crossings).mean()))
    logs = np.log(crossings)
    half = 2.3646 * logs.std(ddof=1) / np.sqrt(8)  # Student's, 7 degrees of freedom.
    assert table.loc["laplace", "low"] == pytest.approx(np.exp(logs.mean() - half), rel=1e-3)
    assert table.loc["laplace", "high"] == pytest.approx(np.exp(logs.mean() + half), rel=1e-3)
    assert table.loc["laplace", ["images", "reached"]].tolist() == [8, 8]
    assert table.loc["laplace", "photons"] < table.loc["tv", "photons"]


def test_a_mean_over_those_that_happen_to_reach_the_limit_is_not_given():
    table = least(images())
    assert np.isnan(table.loc["noisy", "photons"])
    assert table.loc["noisy", "note"] == "8 of 8 images reach it at no dose"
    table = least(images(), limit=22.55)
    assert table.loc["laplace", "note"] == "4 of 8 images reach the limit at every dose"
    assert np.isnan(table.loc["laplace", "photons"])
    assert table.loc["laplace", "reached"] == 4


def test_a_dose_that_fails_between_two_that_do_not_is_believed():
    found = images()
    dip = (found["method"] == "tv") & (found["experiment"] == "b") & (found["quantity"] == "psnr")
    found.loc[dip, "value"] = 20.0
    found.loc[
        (found["method"] == "tv") & (found["experiment"] == "c") & (found["quantity"] == "psnr"),
        "value",
    ] = 40.0
    assert least(found).loc["tv", "photons"] > 10


def test_less_is_better_of_an_error():
    found = images()
    errors = found[found["quantity"] == "psnr"].assign(quantity="nrmse")
    errors["value"] = 10 ** (-errors["value"] / 20)
    joined = pd.concat([found, errors])
    table = least(joined, metric="nrmse", limit=10 ** (-30 / 20))
    # Interpolated over errors and not their logarithms: near, not at, the same light.
    assert table.loc["laplace", "photons"] == pytest.approx(10**0.5, rel=0.35)
    assert table.loc["noisy", "note"] == "8 of 8 images reach it at no dose"


def test_few_images_have_no_interval():
    table = least(images(images=4))
    assert table.loc["laplace", "note"] == "no interval of 4 images"
    assert table.loc["laplace", "photons"] == pytest.approx(3.1, rel=0.05)
    assert np.isnan(table.loc["laplace", "low"])


def test_tiles_of_one_field_have_no_interval():
    tiles = EXPERIMENTS.assign(test_fields=1)
    found = dose.by_light(measured(), tiles, photons(), sweeps=SWEEPS, methods=METHODS)
    row = least(found).loc["laplace"]
    assert row["photons"] == pytest.approx(least(images()).loc["laplace", "photons"])
    assert np.isnan(row["low"])
    assert row["note"] == "no interval: the 8 images share fields"
    assert dose.average(found)["error"].isna().all()
    assert dose.average(images())["error"].notna().any()
    said = dose.dose_sentences(least(found).reset_index())
    assert "actin: no interval: the 8 images share fields." in said


def test_the_least_light_is_said_set_and_drawn():
    found = images()
    table = least(found).reset_index()
    said = dose.dose_sentences(table)
    assert said[0].startswith("actin: PSNR 30.00 dB is reached from so many photons per pixel on: ")
    assert "Laplace 3.0" in said[0]
    assert said[0].index("Laplace") < said[0].index("TV")
    assert said[1] == ("actin: Noisy input has no such dose: 8 of 8 images reach it at no dose.")
    shown = dose.least_table(table)
    assert list(shown.frame["Limit"]) == ["PSNR 30.00 dB"] * 3
    means = dose.average(found)
    assert len(means) == 4 * 3 * 2
    row = means[(means["experiment"] == "b") & (means["method"] == "tv")].iloc[0]
    assert row["photons"] == pytest.approx(10, rel=0.02)
    figure = draw_dose(means, table, settings=SWEEPS["actin"], methods=[*METHODS, "elsewhere"])
    # What takes no part in the sweep is not in its legend.
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["Noisy input", "TV", "Laplace"]
    main = figure.axes[0]
    assert main.get_xscale() == "log"
    assert [line.get_ydata()[0] for line in main.lines if line.get_linestyle() == "--"] == [30.0]
    diamonds = [line for line in main.lines if line.get_marker() == "D"]
    known = table[table["photons"].notna()]
    assert [float(line.get_xdata()[0]) for line in diamonds] == pytest.approx(
        list(known["photons"])
    )


def test_methods_that_some_dose_leaves_out_are_not_swept():
    fewer = EXPERIMENTS.assign(methods=["", "", "noisy, laplace", ""])
    found = dose.by_light(measured(), fewer, photons(), sweeps=SWEEPS, methods=METHODS)
    assert set(found["method"]) == {"noisy", "laplace"}
