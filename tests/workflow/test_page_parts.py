"""What the page says of jobs and of where its numbers come from."""

import hashlib
from pathlib import Path

import pytest

from denoisekit import files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "workflow/scripts"))


def test_only_jobs_of_what_the_study_still_has_are_counted(tmp_path):
    from _page import read_jobs

    jobs = {"train/a/mae/seed0": 3, "train/a/gone/seed0": 5, "removed/a": 7, "write_report": 9}
    for job, seconds in jobs.items():
        files.write_table(tmp_path / f"{job}.tsv", [{"s": seconds, "max_rss": "-"}])
    found = read_jobs(tmp_path, names=["train", "a", "mae", "seed0", "write_report"])
    assert found[["rule", "job", "seconds"]].values.tolist() == [["train", "a/mae/seed0", 3]]


def test_the_command_can_be_run_and_names_no_machine():
    from _provenance import describe

    said = describe(["config/a.yaml", "/home/me/my b.yaml"], ROOT, {})
    assert said["Command"] == "snakemake --cores all --configfile config/a.yaml 'my b.yaml'"
    assert "Not the published files" not in said


def test_own_files_that_differ_from_the_published_ones_are_named(tmp_path, monkeypatch):
    from _provenance import describe

    monkeypatch.chdir(tmp_path)
    (tmp_path / "resources/s").mkdir(parents=True)
    (tmp_path / "own").write_bytes(b"mine")
    (tmp_path / "resources/s/fetched.tif").write_bytes(b"mine")
    for name in ("same.tif", "other.tif"):
        (tmp_path / "resources/s" / name).symlink_to(tmp_path / "own")
    sums = dict.fromkeys(("s/fetched.tif", "s/other.tif", "s/not-used.tif"), "0" * 64)
    said = describe([], ROOT, sums | {"s/same.tif": hashlib.sha256(b"mine").hexdigest()})
    assert said["Not the published files"] == "s/other.tif: own ones of another sha256"
