"""Scores by noise regime beside the printed ones."""

import numpy as np
import pandas as pd
import pytest
from study_tables import FOLDER

from denoisekit.published import noise_regimes

REGIMES = {f"fish-{n}": ("confocal-zebrafish", f"NR{n}") for n in range(1, 6)}
VALUES = np.array([32.0, 32.5, 33.1, 32.2])


@pytest.fixture(scope="module")
def printed():
    return pd.read_csv(FOLDER.parent / "pn2v/table1.csv", dtype=str, keep_default_na=False)


def scores(methods, *, experiments=tuple(REGIMES), conventions=("range255",)):
    """Four frames each; each regime is 1 dB above the one before."""
    return pd.DataFrame(
        [
            {
                "experiment": experiment,
                "convention": convention,
                "metric": metric,
                "method": method,
                "image": f"frame-{image}",
                "value": value + float(experiment[-1]) if metric == "psnr" else 0.5,
            }
            for experiment in experiments
            for convention in conventions
            for metric in ("psnr", "ssim")
            for method in methods
            for image, value in enumerate(VALUES)
        ]
    )


def test_means_and_twice_the_standard_error():
    found = noise_regimes.summarise_regimes(scores(["pn2v"]), REGIMES)
    rows = found.set_index("noise_regime")
    assert list(rows.index) == ["NR1", "NR2", "NR3", "NR4", "NR5", "mean"]
    assert rows.loc["NR2", "psnr"] == pytest.approx(VALUES.mean() + 2)
    # Of the sample, with n - 1.
    expected = 2 * np.sqrt(np.sum((VALUES - VALUES.mean()) ** 2) / 3) / 2
    assert rows.loc["NR2", "two_sem"] == pytest.approx(expected)
    assert rows.loc["NR2", "frames"] == 4
    assert rows.loc["mean", "psnr"] == pytest.approx(VALUES.mean() + 3)
    assert np.isnan(rows.loc["mean", "two_sem"])


def test_there_is_no_mean_of_fewer_regimes_and_no_error_of_one_frame():
    few = scores(["pn2v"], experiments=("fish-1", "fish-3", "other-2"))
    found = noise_regimes.summarise_regimes(few[few["image"] == "frame-0"], REGIMES)
    assert list(found["noise_regime"]) == ["NR1", "NR3"]
    assert found["two_sem"].isna().all()


def test_both_sources_stand_beside_each_other(printed):
    ours = scores(["noisy", "vst-bm3d", "tv"], conventions=("range255", "fmd-matlab", "care"))
    compared = noise_regimes.beside_printed(printed, noise_regimes.summarise_regimes(ours, REGIMES))
    assert set(compared["dataset"]) == {"confocal-zebrafish"}
    assert not compared.duplicated(["method", "convention", "noise_regime"]).any()
    rows = compared.set_index(["method", "convention", "noise_regime"])
    noisy = rows.loc["noisy", "range255", "NR1"]
    assert (noisy["printed"], noisy["printed_two_sem"]) == ("22.81", "0.02")
    assert noisy["psnr"] == pytest.approx(VALUES.mean() + 1)
    assert list(compared["method"].unique()[:3]) == ["noisy", "pn2v", "n2v"]
    assert np.isnan(rows.loc["pn2v", "range255", "mean"]["psnr"])
    table = noise_regimes.regime_table(compared, dataset="confocal-zebrafish")
    rows = table.frame.set_index(["Method", "Convention", "Source"])
    assert rows.loc[("Noisy input", "range255", "Printed"), "NR1"] == "22.81 ± 0.02"
    assert rows.loc[("Noisy input", "range255", "This study"), "NR1"] == "33.45 ± 0.48"
    assert rows.loc[("VST + BM3D", "fmd-matlab", "Printed"), "NR1"] == "32.00"
    assert rows.loc[("VST + BM3D", "fmd-matlab", "This study"), "mean"] == "35.45"
    assert ("VST + BM3D", "range255", "This study") in rows.index
    assert ("TV", "range255", "This study") in rows.index
    assert not {"care"} & set(table.frame["Convention"])
    assert ("TV", "fmd-matlab", "This study") not in rows.index
    # A printed row is followed by the study's own of the same method and convention.
    assert list(table.frame["Source"][:2]) == ["Printed", "This study"]


def test_only_data_sets_and_regimes_of_the_study_are_shown(printed):
    two = {"mice-1": ("confocal-mice", "NR1"), "photon-1": ("two-photon-mice", "NR1")}
    summary = noise_regimes.summarise_regimes(scores(["noisy"], experiments=tuple(two)), two)
    compared = noise_regimes.beside_printed(printed, summary)
    assert list(compared["dataset"].unique()) == ["confocal-mice", "two-photon-mice"]
    table = noise_regimes.regime_table(compared, dataset="two-photon-mice")
    assert list(table.frame.columns) == ["Method", "Convention", "Source", "NR1"]
    # Seven methods, three of them starred, and the study's own noisy input.
    assert len(table.frame) == 11
    assert "34.35 ± 0.19" in set(table.frame["NR1"])


def test_differences_from_the_printed_scores_are_told(printed):
    own = {"noisy": 22.84, "n2v": 31.1, "tv": 40.0}
    summary = pd.DataFrame(
        [
            *(["confocal-zebrafish", m, "range255", "NR1", v, np.nan, 1] for m, v in own.items()),
            ["confocal-zebrafish", "n2v", "range255", "NR2", 33.44, np.nan, 1],
        ],
        columns=["dataset", "method", "convention", "noise_regime", "psnr", "two_sem", "frames"],
    )
    noisy, restored, *notes = noise_regimes.regime_sentences(
        noise_regimes.beside_printed(printed, summary)
    )
    assert "mean PSNR lies +0.03 dB from the printed one" in noisy
    assert restored.endswith("noise regime: N2V −1.00 to +0.10 dB.")
    assert tuple(notes) == noise_regimes.NOTES
    assert any("overlapping subsets of the same fifty" in note for note in notes)
