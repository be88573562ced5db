"""Results of which Snakemake has no record are told."""

import base64
from pathlib import Path

from denoisekit.study.records import lost_sentences

RESULTS = Path("results/cells")


def record(path, *, long=False):
    name = base64.urlsafe_b64encode(path.encode()).decode()
    folder = Path(".snakemake/metadata")
    folder.mkdir(parents=True, exist_ok=True)
    if long:
        (folder / f"@{name[:40]}").mkdir()
    else:
        (folder / name).write_text("{}")


def test_results_are_told_unless_some_of_them_is_recorded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lost_sentences(RESULTS) == []
    table = RESULTS / "registered/actin/pairs.tsv"
    table.parent.mkdir(parents=True)
    table.write_text("")
    (said,) = lost_sentences(RESULTS)
    assert said.startswith("results/cells was copied without Snakemake's records")
    # Of another study, whose name begins alike.
    record("results/cell/registered/actin")
    record("results/other/tables/scores.tsv")
    assert lost_sentences(RESULTS) == [said]
    record("results/cells/registered/actin")
    assert lost_sentences(RESULTS) == []


def test_long_names_are_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (RESULTS / "registered/actin").mkdir(parents=True)
    (RESULTS / "registered/actin/pairs.tsv").write_text("")
    record("results/cells/logs/" + "a" * 200, long=True)
    assert lost_sentences(RESULTS) == []
