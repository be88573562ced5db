"""CARE's claims beside what a study measures, on tables whose answers were computed by hand."""

import copy
import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from denoisekit.errors import InputError
from denoisekit.evaluation.resolution import RAYLEIGH
from denoisekit.published import care, printed
from denoisekit.statistics import calibration, comparisons, segmentation, sharpness
from denoisekit.statistics.scores import EXPERIMENTS
from denoisekit.study import check
from denoisekit.study.design import CLAIMS_FILE, Study
from denoisekit.study.shipped import schemas

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "config/published/care"
STUDY = yaml.safe_load((ROOT / "config/care.yaml").read_text(encoding="utf-8"))
HOW = {"outside": [], "convention": "care", "alpha": 0.05, "shared": {}}
# The quantile of t for an interval of 95 % over four images.
T_OF_4 = 3.182446


@pytest.fixture(scope="module")
def claims():
    return pd.read_csv(FOLDER / CLAIMS_FILE, dtype=str, keep_default_na=False)


def experiments(*names, images=6, fields=6, simulated="yes"):
    rows = [
        [n, n, n, n, 9, images, fields, "yes", "no", simulated, "", f"images of {n}"] for n in names
    ]
    return pd.DataFrame(rows, columns=list(EXPERIMENTS))


def scores(values, *, metric="nrmse", test_set="nuclei"):
    """Scores by method; a method that is no filter is a network of one seed."""
    rows = []
    for method, own in values.items():
        network = method not in ("noisy", "gaussian", "nlm")
        for image, value in enumerate(own):
            run = f"{test_set}.{method}.seed0" if network else method
            rows.append(
                {
                    **{"test_set": test_set, "run": run, "method": method},
                    **{"train_set": test_set if network else "", "seed": "0" if network else ""},
                    **{"image": f"image-{image}", "simulated": "yes", "convention": "care"},
                    **{"metric": metric, "value": value},
                }
            )
    return pd.DataFrame(rows)


NOISY = {"noisy": [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]}


def answered(claims, claim, measured, *, beside="best-filter", method="care", experiment="nuclei"):
    asked = [{"claim": claim, "experiment": experiment, "method": method, "beside": beside}]
    methods = ["noisy", "gaussian", "nlm", "care", "joint"]
    return care.answer(claims, asked, measured, methods=methods, **HOW)


def of_scores(**values):
    return care.Measured(scores(NOISY | values), experiments("nuclei"))


def test_a_network_is_better_than_the_best_filter_by_the_error_that_the_paper_measures(claims):
    own = [0.10, 0.11, 0.12, 0.10, 0.11, 0.12]
    told = of_scores(
        care=own,
        gaussian=[value + step for value, step in zip(own, [0.03, 0.05] * 3, strict=True)],
        nlm=[value + 0.1 + step for value, step in zip(own, [0.01, -0.01] * 3, strict=True)],
    )
    rows = answered(claims, "denoising", told).set_index("measure")
    assert list(rows.index) == ["nrmse", "seconds"]
    row = rows.loc["nrmse"]
    assert (row["method"], row["beside"], row["interval"]) == ("care", "gaussian", "difference")
    assert row["value"] == pytest.approx(0.11)
    assert row["beside_value"] == pytest.approx(0.15)
    # Differences of -0.03 and -0.05: sd 0.010954 of six, and t = 2.570582 or, for the end towards
    # the filters, that of two of them (Bonferroni), 3.163382.
    error = 0.0109545 / np.sqrt(6)
    assert row["high"] == pytest.approx(-0.04 + 2.570582 * error, abs=1e-5)
    assert row["low"] == pytest.approx(-0.04 - 3.163382 * error, abs=1e-5)
    assert (row["images"], row["data"], row["printed"], row["verdict"]) == (
        *(6, "simulated", ""),
        care.HOLDS,
    )
    unmeasured = rows.loc["seconds"]
    assert (unmeasured["claim"], unmeasured["printed"]) == ("speed", "< 20 s")
    assert (unmeasured["verdict"], unmeasured["experiment"]) == (care.UNMEASURED, "")


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ([0.03, 0.05] * 3, care.HOLDS),
        ([-0.03, -0.05] * 3, care.FAILS),
        ([0.03, -0.03] * 3, care.OPEN),
    ],
)
def test_a_claim_holds_fails_or_cannot_be_told(claims, gains, verdict):
    told = of_scores(care=[0.2] * 6, gaussian=[0.2 + gain for gain in gains])
    assert answered(claims, "denoising", told)["verdict"].iloc[0] == verdict


def test_of_fewer_than_six_images_nothing_is_told(claims):
    few = {"care": [0.1] * 5, "gaussian": [0.2, 0.21, 0.22, 0.2, 0.21], "noisy": [0.3] * 5}
    measured = care.Measured(scores(few), experiments("nuclei", images=5, fields=5))
    row = answered(claims, "denoising", measured).iloc[0]
    assert row["verdict"] == care.OPEN
    assert np.isnan(row["low"])
    assert row["beside_value"] == pytest.approx(0.208)


def test_channels_are_compared_with_the_network_of_one(claims):
    values = NOISY | {"gaussian": [0.25] * 6, "care": [0.2, 0.22] * 3, "joint": [0.1, 0.11] * 3}
    told = care.Measured(scores(values, metric="nrmse"), experiments("nuclei"))
    row = answered(claims, "channels", told, method="joint", beside="care").iloc[0]
    assert (row["method"], row["beside"], row["verdict"]) == ("joint", "care", care.HOLDS)
    assert (row["value"], row["beside_value"]) == (pytest.approx(0.105), pytest.approx(0.21))


def test_objects_are_told_for_every_pipeline_and_printed_numbers_stand_beside(claims):
    keys = {"experiment": "nuclei", "method": "care"}
    means = pd.DataFrame(
        [
            {**keys, "segmentation": "long", "quantity": "seg", "mean": 0.70},
            {**keys, "segmentation": "short", "quantity": "seg", "mean": 0.60},
            {**keys, "segmentation": "short", "quantity": "f1_50", "mean": 0.90},
        ],
        columns=list(segmentation.AVERAGED),
    )
    test = {**keys, "metric": "seg", "reference": "best-filter", "n": 6}
    tests = pd.DataFrame(
        [
            {**test, "convention": "long", "best_filter": "gaussian", "mean_difference": 0.1}
            | {"difference_low": 0.02, "difference_high": 0.2},
            {**test, "convention": "short", "best_filter": "noisy input", "mean_difference": -0.1}
            | {"difference_low": -0.2, "difference_high": -0.01},
        ],
        columns=list(comparisons.COLUMNS),
    )
    told = care.Measured(
        scores(NOISY), experiments("nuclei"), segmentation=means, segmentation_tests=tests
    )
    rows = answered(claims, "segmentation", told).set_index("segmentation")
    assert list(rows["verdict"]) == [care.HOLDS, care.FAILS]
    assert list(rows["beside_value"]) == [pytest.approx(0.6), pytest.approx(0.7)]
    assert rows.loc["short", "beside"] == "noisy input"
    assert set(rows["printed"] + rows["printed_beside"]) == {"0.650.47"}
    shown = care.claims_table(rows.reset_index(), alpha=0.05).frame
    assert list(shown["Printed"]) == ["0.65 (before: 0.47)"] * 2
    assert list(shown["This study"]) == ["0.700 (CARE)", "0.600 (CARE)"]
    assert list(shown["Beside it"]) == ["0.600 (Gaussian)", "0.700 (Noisy input)"]
    assert list(shown["Interval"]) == ["+0.020 to +0.200", "−0.200 to −0.010"]
    on_page = care.claims_shown(rows.reset_index(), alpha=0.05)
    assert list(on_page.frame) == [
        *("Claim", "Here", "Printed", "This study", "Beside it", "Interval")
    ]
    assert list(on_page.frame["This study"]) == ["SEG ↑ 0.700 (CARE)", "SEG ↑ 0.600 (CARE)"]
    # What is in bold and what is said below goes with it.
    assert on_page.best == {(0, "Here")}
    assert on_page.notes == care.claims_table(rows.reset_index(), alpha=0.05).notes


def averaged(values, *, experiment="cells"):
    """Means by method and quantity: mean, sd and the truth's own, over four images."""
    rows = [
        {
            **{"experiment": experiment, "method": method, "simulated": "yes", "images": 4},
            **{"kind": "network" if method == "care" else "filter", "quantity": quantity},
            **{"mean": mean, "sd": sd, "truth_value": truth, "ratio": mean / truth},
        }
        for (method, quantity), (mean, sd, truth) in values.items()
    ]
    return pd.DataFrame(rows, columns=list(sharpness.AVERAGED))


def of_sections(own, *, sd, other=0.8, fields=4):
    values = {
        ("noisy", "axial_0.15"): (3.9, 0.1, 4.0),
        ("cubic", "axial_0.15"): (4.0 * other, 0.1, 4.0),
        ("richardson-lucy", "axial_0.15"): (0.4, 0.1, 4.0),
        ("care", "axial_0.15"): (4.0 * own, sd, 4.0),
        ("care", "lateral_0.15"): (2.0, 0.1, 2.0),
    }
    return care.Measured(
        scores(NOISY, test_set="cells"),
        experiments("cells", images=4, fields=fields),
        isotropy=averaged(values),
    )


def test_power_along_z_is_a_share_of_the_truths_with_an_interval_over_stacks(claims):
    rows = answered(
        claims, "axial", of_sections(0.95, sd=0.04), experiment="cells", method="care"
    ).set_index("claim")
    row = rows.loc["axial"]
    assert (row["value"], row["beside_value"]) == (pytest.approx(0.95), pytest.approx(0.8))
    # The noisy input is no filter, though it would be nearer to the truth.
    assert (row["beside"], row["interval"]) == ("cubic", "value")
    half = T_OF_4 * 0.01 / 2
    assert (row["low"], row["high"]) == (
        pytest.approx(0.95 - half, abs=1e-6),
        pytest.approx(0.95 + half, abs=1e-6),
    )
    assert row["verdict"] == care.HOLDS
    assert list(rows.index[1:]) == ["wrong-nuclei", "slices"]
    assert (rows.loc["wrong-nuclei", "printed"], rows.loc["wrong-nuclei", "printed_beside"]) == (
        "0.2 %",
        "1.7 %",
    )


@pytest.mark.parametrize(
    ("own", "sd", "better", "whole"),
    [
        (0.95, 0.04, care.HOLDS, care.HOLDS),
        (0.85, 0.04, care.HOLDS, care.FAILS),
        (0.90, 0.04, care.HOLDS, care.OPEN),
        (0.80, 0.04, care.OPEN, care.FAILS),
        (0.50, 0.04, care.FAILS, care.FAILS),
        # Too much power is as far from the truth as too little.
        (1.30, 0.04, care.FAILS, care.FAILS),
    ],
)
def test_restored_is_nearer_to_the_truth_than_filters_and_fully_restored_is_the_truths(
    claims, own, sd, better, whole
):
    told = of_sections(own, sd=sd)
    one = answered(claims, "axial", told, experiment="cells")
    other = answered(claims, "restored", told, experiment="cells", beside="")
    across = answered(claims, "lateral", told, experiment="cells", beside="")
    assert one["verdict"].iloc[0] == better
    assert (other["verdict"].iloc[0], other["beside"].iloc[0]) == (whole, "")
    assert across["verdict"].iloc[0] == care.HOLDS


def test_stacks_of_one_field_have_no_interval(claims):
    told = of_sections(0.95, sd=0.04, fields=1)
    row = answered(claims, "restored", told, experiment="cells", beside="").iloc[0]
    assert (row["verdict"], row["value"]) == (care.OPEN, pytest.approx(0.95))
    assert np.isnan(row["low"])


@pytest.mark.parametrize(
    ("own", "verdict"), [(0.05, care.HOLDS), (0.20, care.OPEN), (0.40, care.FAILS)]
)
def test_wrong_nuclei_are_counted_where_they_are_found(claims, own, verdict):
    keys = {"segmentation": "sections", "experiment": "cells", "quantity": "wrong", "images": 4}
    means = pd.DataFrame(
        [
            {**keys, "method": method, "kind": kind, "mean": mean, "sd": 0.02, "truth_value": 0.01}
            for method, kind, mean in (
                ("noisy", "filter", 0.1),
                ("cubic", "filter", 0.21),
                ("richardson-lucy", "filter", 0.3),
                ("care", "network", own),
            )
        ]
    )
    told = care.Measured(
        scores(NOISY, test_set="cells"),
        experiments("cells", images=4, fields=4),
        segmentation=means,
    )
    (row,) = answered(claims, "wrong-nuclei", told, experiment="cells").to_dict("records")
    assert (row["value"], row["beside"], row["beside_value"]) == (own, "cubic", 0.21)
    assert (row["segmentation"], row["verdict"]) == ("sections", verdict)
    assert (row["printed"], row["printed_beside"]) == ("0.2 %", "1.7 %")


def test_lines_are_told_apart_where_a_filter_leaves_them_together(claims):
    below, above = RAYLEIGH - 0.2, RAYLEIGH + 0.2
    dips = {
        ("noisy", "dip_0.200"): (1.0, 0.01, 0.2),
        ("noisy", "dip_0.300"): (above, 0.01, 0.1),
        ("richardson-lucy", "dip_0.200"): (above, 0.01, 0.2),
        ("richardson-lucy", "dip_0.300"): (below, 0.01, 0.1),
        ("care", "dip_0.200"): (below, 0.01, 0.2),
        ("care", "dip_0.300"): (below, 0.01, 0.1),
    }

    def told(values):
        return care.Measured(
            scores(NOISY, test_set="cells"),
            experiments("cells", images=4, fields=4),
            resolution=averaged(values),
        )

    row = answered(claims, "imperceptible", told(dips), experiment="cells").iloc[0]
    assert (row["value"], row["beside_value"], row["beside"]) == (0.2, 0.3, "richardson-lucy")
    assert row["verdict"] == care.HOLDS
    vague = dips | {("care", "dip_0.200"): (below, 0.5, 0.2)}
    assert (
        answered(claims, "imperceptible", told(vague), experiment="cells")["verdict"].iloc[0]
        == care.OPEN
    )
    worse = dips | {("care", f"dip_{far}"): (above, 0.01, 0.2) for far in ("0.200", "0.300")}
    found = answered(claims, "imperceptible", told(worse), experiment="cells")
    assert found["verdict"].iloc[0] == care.FAILS
    assert care.claims_table(found, alpha=0.05).frame["This study"].iloc[0] == "none (CARE)"


def test_widths_are_compared_by_how_far_they_are_from_the_truths(claims):
    widths = {
        ("noisy", "fwhm_um"): (0.30, 0.01, 0.10),
        ("richardson-lucy", "fwhm_um"): (0.20, 0.01, 0.10),
        ("care", "fwhm_um"): (0.12, 0.01, 0.10),
    }
    told = care.Measured(
        scores(NOISY, test_set="cells"),
        experiments("cells", images=4, fields=4),
        resolution=averaged(widths),
    )
    row = answered(claims, "resolution", told, experiment="cells").iloc[0]
    assert (row["value"], row["beside_value"], row["verdict"]) == (0.12, 0.20, care.HOLDS)


@pytest.mark.parametrize(
    ("claim", "quantity", "mean", "sd", "verdict"),
    [
        ("intervals", "coverage_90", 0.91, 0.01, care.HOLDS),
        ("intervals", "coverage_90", 0.70, 0.01, care.FAILS),
        ("intervals", "coverage_90", 0.94, 0.02, care.OPEN),
        ("disagreement", "area_disagreement", 0.60, 0.05, care.HOLDS),
        ("disagreement", "area_disagreement", 1.20, 0.05, care.FAILS),
        ("disagreement", "area_disagreement", 0.98, 0.05, care.OPEN),
    ],
)
def test_what_intervals_and_ensembles_are_worth(claims, claim, quantity, mean, sd, verdict):
    row = {"experiment": "nuclei", "method": "care", "quantity": quantity, "seeds": "0"}
    table = pd.DataFrame(
        [row | {"images": 4, "mean": mean, "sd": sd}], columns=list(calibration.AVERAGED)
    )
    told = care.Measured(scores(NOISY), experiments("nuclei"), calibration=table)
    (found,) = answered(claims, claim, told, beside="").to_dict("records")
    assert (found["value"], found["verdict"]) == (mean, verdict)
    assert found["high"] - mean == pytest.approx(T_OF_4 * sd / 2, rel=1e-5)


def test_what_a_study_did_not_measure_gives_no_row(claims):
    told = care.Measured(scores(NOISY), experiments("nuclei"))
    for claim in ("segmentation", "axial", "resolution", "imperceptible", "intervals"):
        rows = answered(claims, claim, told, beside="")
        assert set(rows["verdict"]) <= {care.UNMEASURED}, claim
    assert list(rows.columns) == list(care.COLUMNS)


def test_sentences_count_and_say_where_it_is_printed(claims):
    told = of_scores(care=[0.2] * 6, gaussian=[0.23, 0.25] * 3)
    first, denoising, speed = care.claims_sentences(answered(claims, "denoising", told))
    assert first == (
        "Of 1 answers to the paper's claims, all on simulated images, 1 hold here, 0 do not and 0 "
        "cannot be told; 1 more that are printed are not measured."
    )
    assert (
        "Fig. 1d (bars); not printed). nuclei (simulated): NRMSE 0.2000 (CARE), beside 0.2400"
        in (denoising)
    )
    assert speed.endswith("; < 20 s). Not measured by this study.")


def test_every_number_in_the_table_is_printed_in_the_paper(claims):
    # What stands in the text of the preprint, and nothing else.
    numbers = {
        row["claim"]: (row["printed"], row["printed_beside"]) for _, row in claims.iterrows()
    }
    assert {claim: both for claim, both in numbers.items() if any(both)} == {
        "segmentation": ("0.65", "0.47"),
        "speed": ("< 20 s", ""),
        "tracking": ("10-fold", ""),
        "wrong-nuclei": ("0.2 %", "1.7 %"),
        "slices": ("10-fold", ""),
        "frame-rate": ("20", ""),
    }


def test_the_shipped_claims_can_be_read_and_are_all_there_are(claims):
    printed.check_folder(FOLDER)
    both = [tuple(row) for row in claims[["claim", "measure"]].to_numpy()]
    assert sorted(both) == sorted(
        (claim, measure) for claim, own in printed.CLAIMS.items() for measure in own
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("claim,measure", "claims,measure", "lacks the columns claim; it needs claim, measure"),
        ("denoising,nrmse", "denoise,nrmse", "line 2: claim must be one of .* but is 'denoise'"),
        ("denoising,nrmse", "denoising,seg", "line 2: measure must be one of nrmse, ssim, but is"),
        ("denoising,ssim", "denoising,nrmse", "line 3, gives denoising, nrmse a second time"),
        (",0.65,", ",better,", "line 4: printed must have a number as it is printed"),
    ],
)
def test_mistakes_in_claims_are_one_sentence(tmp_path, old, new, sentence):
    text = (FOLDER / CLAIMS_FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / CLAIMS_FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        printed.check_folder(tmp_path)


def test_a_claim_without_a_place_is_told(tmp_path):
    with (FOLDER / CLAIMS_FILE).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[0]["place"] = ""
    with (tmp_path / CLAIMS_FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(InputError, match=r"line 2: place is empty; say it as the paper does\."):
        printed.check_claims(tmp_path / CLAIMS_FILE)


def test_the_study_asks_every_claim_that_can_be_measured(monkeypatch):
    monkeypatch.chdir(ROOT)
    study = Study(STUDY)
    asked = {(one["claim"], one["experiment"]): one for one in study.claimed}
    measured = set(printed.CLAIMS) - {"speed", "tracking", "slices", "frame-rate"}
    assert {claim for claim, _ in asked} == measured
    assert asked["denoising", "nuclei"]["method"] == "laplace"
    assert asked["intervals", "nuclei"]["method"] == "laplace"
    assert asked["disagreement", "nuclei"]["method"] == "ensemble"
    assert asked["projection", "wing"]["beside"] == "best-filter"
    assert asked["restored", "sections"]["beside"] == ""
    assert asked["imperceptible", "lines"]["method"] == "care"
    for tissue in ("tissue-nuclei", "tissue-membranes"):
        one = asked["channels", tissue]
        assert (one["method"], one["beside"]) == ("joint", "separate")
    assert "claims" in study.tables
    assert "audit" not in study.tables


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("volumes", {"denoising", "segmentation", "intervals"}),
        ("projection", {"projection"}),
        ("isotropic", {"axial", "restored", "lateral", "wrong-nuclei"}),
        ("synthetic", {"synthetic", "resolution", "imperceptible"}),
        ("channels", {"channels"}),
        ("losses", set()),
    ],
)
def test_a_study_of_some_claims_is_asked_those_alone(name, claims, monkeypatch):
    monkeypatch.chdir(ROOT)
    config = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8"))
    study = Study(config)
    assert {one["claim"] for one in study.claimed} == claims
    assert bool(study.claims_files) == bool(claims)


def changed(experiment, methods):
    config = copy.deepcopy(STUDY)
    config["experiments"][experiment]["methods"] = methods
    return config


@pytest.mark.parametrize(
    ("experiment", "methods", "told"),
    [
        ("sections", ["noisy", "cubic", "gaussian"], "restores images as they are, but of 'sect"),
        ("sections", ["noisy", "cubic", "ensemble"], "split is 'test', but the method 'laplace' l"),
        ("sections", ["noisy", "cubic", "separate"], "split is 'test', but the method 'separate'"),
        ("nuclei", ["noisy", "gaussian", "isotropic"], "of 'nuclei' none are left out"),
        ("nuclei", ["noisy", "gaussian", "cubic"], "of 'nuclei' none are left out"),
        ("sections", ["noisy", "cubic", "richardson-lucy"], "sigma_um is the point spread func"),
        ("wing", ["noisy", "surface-nlm", "laplace"], "networks of stacks that become planes"),
        ("tissue-nuclei", ["noisy", "gaussian", "projection"], "makes planes of stacks, but"),
    ],
)  # fmt: skip
def test_methods_of_unlike_images_may_share_a_study_but_not_an_experiment(
    experiment, methods, told
):
    check.check(STUDY, schemas=schemas(), file="care.yaml")
    with pytest.raises(InputError, match=told):
        check.check(changed(experiment, methods), schemas=schemas(), file="care.yaml")


def test_networks_are_held_against_the_filters_of_their_own_experiments():
    study = Study(STUDY)
    own = {name: study.validating_filters(name) for name in STUDY["train_sets"]}
    assert own == {
        **{"nuclei": ["gaussian", "nlm"], "wing": [], "sections": ["cubic", "deconvolved"]},
        **{"tubules": ["richardson-lucy"], "tissue": []},
        **{"tissue-nuclei": ["gaussian"], "tissue-membranes": ["gaussian"]},
    }
    assert {(run.train_set, run.method, run.seed) for run in study.validated} == {
        ("nuclei", "laplace", 0),
        ("tubules", "care", 0),
        *((name, "separate", 0) for name in ("tissue-nuclei", "tissue-membranes")),
    }
