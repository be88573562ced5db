"""Results of which Snakemake has no record are told."""

import base64
from pathlib import Path

from denoisekit.study.records import lost_sentences

RESULTS = Path("results/cells")


def record(path):
    folder = Path(".snakemake/metadata")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / base64.urlsafe_b64encode(path.encode()).decode()).write_text("{}")


def register(dataset):
    folder = RESULTS / "registered" / dataset
    folder.mkdir(parents=True)
    (folder / "pairs.tsv").write_text("")


def test_results_are_told_until_all_that_is_registered_is_recorded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lost_sentences(RESULTS) == []
    register("actin")
    (said,) = lost_sentences(RESULTS)
    assert said.startswith("results/cells was copied without Snakemake's records")
    # Names that begin alike, another study, a later job of this one, and what is no name at all.
    record("results/cells/registered/actin-movie")
    record("results/cell/registered/actin")
    record("results/cells/report.html")
    Path(".snakemake/metadata/@long").mkdir()
    assert lost_sentences(RESULTS) == [said]
    record("results/cells/registered/actin")
    assert lost_sentences(RESULTS) == []
    register("mito")
    assert "(results/cells/registered/mito has none)" in lost_sentences(RESULTS)[0]
