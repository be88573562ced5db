"""The real sample with a small budget: real pixels through the whole pipeline."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results(sample_data, tmp_path_factory):
    """The folder of results of a run with one loss, two filters and 200 steps."""
    folder = tmp_path_factory.mktemp("real")
    config = yaml.safe_load((ROOT / "config/real-sample.yaml").read_text(encoding="utf-8"))
    config["methods"] = {name: config["methods"][name] for name in ("noisy", "gaussian", "fft")}
    # One of each kind: sample, mismatch and dose.
    del config["experiments"]["AM"], config["experiments"]["AA3"]
    config["experiments"]["AA10"]["methods"] = ["noisy", "gaussian"]
    config["dose"]["actin"]["experiments"].remove("AA3")
    config["statistics"]["references"] = ["gaussian"]
    config["training"] |= {"epochs": 4, "steps_per_epoch": 50}
    config["patches"]["per_image"] = 50
    del config["controls"]  # tests/workflow/test_ensemble.py has them.
    (folder / "config").symlink_to(ROOT / "config")
    (folder / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", str(folder), "--configfile", str(folder / "study.yaml")]
    done = subprocess.run(
        [*command, "--cores", "2", "--verbose"],
        cwd=ROOT,
        env={**os.environ, "DENOISEKIT_SAMPLE_DATA": str(sample_data.resolve())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "jobs are forked off one process." in done.stdout
    return folder / "results/real-sample"


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def mean_psnr(results, experiment, method):
    (row,) = [
        row
        for row in read(results / "tables/summary.tsv")
        if (row["experiment"], row["method"], row["convention"]) == (experiment, method, "care")
    ]
    assert row["data"] == "measured"
    assert (row["images"], row["fields"]) == ("9", "1")
    return float(row["psnr"])


@pytest.mark.parametrize("experiment", ["AA", "MM", "MA"])
def test_both_restorations_beat_the_noisy_image(results, experiment):
    noisy = mean_psnr(results, experiment, "noisy")
    assert mean_psnr(results, experiment, "gaussian") > noisy + 3
    assert mean_psnr(results, experiment, "fft") > noisy + 3


def test_less_light_scores_less(results):
    assert mean_psnr(results, "AA10", "gaussian") < mean_psnr(results, "AA", "gaussian")
    rows = read(results / "tables/dose.tsv")
    assert {row["method"] for row in rows} == {"noisy", "gaussian"}


def test_tiles_of_one_field_get_no_p_value(results):
    comparisons = read(results / "tables/comparisons.tsv")
    assert comparisons
    assert all(row["p"] == "" and "not independent" in row["note"] for row in comparisons)


def test_aligned_real_pairs_are_left_alone(results):
    for dataset in ("actin", "mitochondria"):
        quality = read(results / "registered" / dataset / "quality.tsv")
        assert {row["applied"] for row in quality} == {"no"}


def test_simulated_frames_stand_beside_the_real_ones(results):
    gains = [row for row in read(results / "tables/looks.tsv") if row["quantity"] == "gain"]
    assert [row["pair"] for row in gains] == ["actin", "mitochondria"]
    for row in gains:
        assert float(row["value_simulated"]) == pytest.approx(
            float(row["value_measured"]), rel=0.05
        )
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Noise of actin, simulated against measured" in page
    assert not (results / "patches/actin-simulated").exists()


def test_the_page_says_that_one_field_is_all_there_is(results):
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "n = 1" in page
    assert "measured" in page
