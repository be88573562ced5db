"""A metric that is added in its one place, and in the config's schema, is told everywhere."""

import csv
import re

import pytest
from PIL import Image
from tiny import TINY, copy_house, run

FUNCTION = '''
def medae(truth: np.ndarray, image: np.ndarray, *, data_range: float) -> float:
    """Return the median of the absolute error, in % of the data range."""
    return float(100 * np.median(np.abs(truth - image)) / data_range)


'''
END = "}\n#: The metrics of a study by"
ENTRY = """    "medae": Metric(
        medae, label="MedAE", unit="%", digits=3, higher_is_better=False, least_gain=0.01
    ),
"""
ACTIN = TINY["datasets"]["actin"]
STUDY = {
    **TINY,
    # Fewer test images are not tested.
    "datasets": {"actin": {**ACTIN, "simulate": {**ACTIN["simulate"], "test_images": 6}}},
    **{kind: {"actin": {**TINY[kind]["actin"]}} for kind in ("train_sets", "test_sets")},
    "experiments": {"AA": TINY["experiments"]["AA"]},
    "conventions": ["care", "calibrated"],
    "statistics": {
        **TINY["statistics"],
        "family": {**TINY["statistics"]["family"], "metrics": ["psnr", "ssim", "medae"]},
    },
}
del STUDY["published"]


def insert(path, before, text):
    old = path.read_text(encoding="utf-8")
    assert old.count(before) == 1
    path.write_text(old.replace(before, text), encoding="utf-8")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run a small study in a house with one more metric, of which less is better."""
    base = tmp_path_factory.mktemp("metric")
    house = copy_house(base / "house")
    metrics = house / "src/denoisekit/evaluation/metrics.py"
    insert(metrics, "@dataclass(frozen=True)", FUNCTION.lstrip("\n") + "@dataclass(frozen=True)")
    insert(metrics, END, ENTRY + END)
    schema = house / "config/schemas/study.schema.yaml"
    insert(
        schema,
        "enum: [psnr, ssim, ms-ssim, micro-ssim, nrmse]",
        "enum: [psnr, ssim, ms-ssim, micro-ssim, nrmse, medae]",
    )
    with pytest.MonkeyPatch.context() as patch:
        # A library that is installed would come before that of the house.
        patch.setenv("PYTHONPATH", str(house / "src"))
        run(house, base / "run", config=STUDY)
    return base / "run/results/tiny"


def rows(results, name):
    with (results / f"tables/{name}.tsv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_it_is_in_every_table_of_scores(results):
    scores = [row for row in rows(results, "scores") if row["metric"] == "medae"]
    assert len(scores) == 4 * 6 * 2
    assert all(0 < float(row["value"]) < 100 for row in scores)
    assert list(rows(results, "summary")[0])[-4:] == ["ssim", "micro-ssim", "nrmse", "medae"]
    assert "MedAE (%) ↓" in (results / "tables/summary.md").read_text(encoding="utf-8")
    ranked = {
        row["method"]: (float(row["mean"]), row["rank"])
        for row in rows(results, "conventions")
        if (row["metric"], row["convention"]) == ("medae", "care")
    }
    assert min(ranked.values())[1] == "1"
    assert max(ranked.values())[1] == "4"


def test_it_is_compared_and_without_a_margin_not_tested_for_equivalence(results):
    compared = [row for row in rows(results, "comparisons") if row["metric"] == "medae"]
    compared = [row for row in compared if row["reference"] == "laplace"]
    assert len(compared) == 3 * 2
    assert {(row["margin"], row["equivalent"]) for row in compared} == {("", "")}
    (mae,) = (r for r in compared if (r["method"], r["convention"]) == ("mae", "care"))
    assert mae["family"] == "yes"
    # Of three metrics: one network against the other, and both against the best filter.
    assert mae["family_size"] == "9.0"
    assert "MedAE" in (results / "tables/comparisons.md").read_text(encoding="utf-8")


def test_figures_have_a_panel_for_it(results):
    # Wide as three panels of 4.2 inches, and high as three of 3.9 with a legend.
    for name, shape in (("scores-AA", 3 * 4.2 / 3.8), ("conventions", 5 / (3 * 3.9 + 1.2))):
        with Image.open(results / f"figures/{name}.png") as picture:
            assert picture.width / picture.height == pytest.approx(shape, rel=0.01)


def test_the_page_tells_of_it(results):
    page = re.sub("</?abbr[^>]*>", "", (results / "report.html").read_text(encoding="utf-8"))
    for sentence in (
        "By MedAE the best network is ahead of the best filter",
        r"Best by MedAE: [^.]*, \d+\.\d{3} %",
        r"MedAE \(%\) ↓, mean over images",
        "The choice of convention moves the mean MedAE of the same images",
        r"Mean MedAE \(%\) ↓ in every convention",
        r"% of MedAE",
        r"PSNR, SSIM and MedAE of every image",
    ):
        assert re.search(sentence, page), sentence
