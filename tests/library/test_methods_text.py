"""What was done in a study, in words, and what it cites."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from study_page import CONFIG, results

from denoisekit import filters, losses, networks, report
from denoisekit.evaluation.conventions import CONVENTIONS
from denoisekit.report import references

LIBRARY = Path(report.__file__).parents[1]
KEY = re.compile(r"^@(\w+)\{([\w-]+),$", re.MULTILINE)


def told(**changes):
    return report.methods(replace(results(), **changes))


def test_what_a_study_did_is_told_and_nothing_else():
    said = told().text(title="A tiny study")
    for part in (
        "# Methods of: A tiny study",
        "AA (",
        "Network small: unet (Weigert et al. 2018), depth 2, kernel size 3, first filters 16.",
        "with the loss laplace (Weigert et al. 2018)",
        "TV: the filter tv (Chambolle 2004), its strength chosen for each image",
        "1,200 steps of 8 patches by Adam at a learning rate of 0.004 (schedule cosine)",
        "Convention 'care'",
        "paired t-tests (Student 1908)",
        "corrected by Holm (Holm 1979)",
    ):
        assert part in said, part
    for other in ("Noise2Void", "BM3D", "thinned", "labels by SEG"):
        assert other not in said
    without = told(config=CONFIG | {"methods": {"noisy": {"filter": "noisy"}}}, cards={})
    assert "Networks" not in without.paragraphs
    assert "chambolle2004" not in without.used


def test_displacements_are_told_once_for_all_data_sets():
    quality = results().quality["actin"]
    still = quality.assign(applied="no").head(1)
    without = quality.assign(shift_y=float("nan"))
    said = told(quality={"actin": quality, "mito": still, "new": without}).paragraphs["Images"]
    assert said.count("isplacement") == 1
    assert "measured, and applied in 1 of 3 pairs of actin and 0 of 1 pair of mito." in said


def test_all_seeds_that_networks_were_trained_from_are_told():
    cards = {("actin", "laplace", seed): results().cards["actin", "fft", "0"] for seed in "012"}
    ensemble = {"ensemble": {"of": "laplace", "more_seeds": [1, 2]}}
    methods = {"laplace": CONFIG["methods"]["laplace"], "ensemble": ensemble}
    said = told(config=CONFIG | {"methods": methods}, cards=cards).text(title="x")
    assert "with the seeds 0, 1 and 2;" in said
    assert "Ensemble: mean of the networks of Laplace of the seeds 0, 1 and 2 (Weigert" in said


def test_noisy_images_alone_are_told_with_what_hides_pixels():
    method = {
        **{"network": "small", "objective": "noise2void", "loss": "mse"},
        "masking": {"replacement": "median", "line": {"axis": "x", "length": 5}},
    }
    found = told(config=CONFIG | {"methods": {"n2v": method}})
    assert "on short exposures alone, at hidden pixels (Noise2Void)" in found.paragraphs["Networks"]
    assert {"krull2019", "broaddus2020", "hock2022"} <= found.used.keys()


def test_published_images_are_cited_by_their_doi():
    source = {"title": "Stacks of actin", "doi": "10.5524/100888"}
    found = told(sources={"gigadb": source})
    assert "Published images were used (doi:10.5524/100888)." in found.paragraphs["Images"]
    assert "doi = {10.5524/100888}" in report.bibliography(found.used)


def test_plug_ins_are_told_to_be_cited():
    methods = {
        "mine": {"network": "small", "objective": "supervised", "loss": "of-a-plug-in"},
        "median": {"filter": "of-another"},
        "given": {"images": "theirs/{image}.tif"},
    }
    said = told(config=CONFIG | {"methods": methods}).text(title="x")
    assert said.count("plug-in: cite its source") == 2
    assert "restored outside of this study (cite its source)" in said


def test_the_bibliography_has_an_entry_for_each_citation_and_no_other():
    found = told()
    entries = KEY.findall(report.bibliography(found.used))
    assert [key for _, key in entries] == sorted(found.used)
    assert {kind for kind, _ in entries} <= {"article", "inproceedings", "misc"}
    text = report.bibliography(found.used)
    assert text.count("{") == text.count("}")
    assert len(references.reference_list(found.used)) == len(entries)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (references.LOSSES, losses.names),
        (references.NETWORKS, networks.names),
        (references.CONVENTIONS, lambda: list(CONVENTIONS)),
        (references.FILTERS, filters.names),
    ],
    ids=["losses", "networks", "conventions", "filters"],
)
def test_of_every_part_of_the_library_it_is_known_what_to_cite(table, names):
    assert set(names()) <= set(table)
    assert {key for keys in table.values() for key in keys} <= references.REFERENCES.keys()


def test_no_publication_is_kept_that_no_study_cites():
    tables = [references.LOSSES, references.NETWORKS, references.FILTERS, references.METRICS]
    tables += [references.CONVENTIONS, references.OBJECTIVES, references.ESTIMATES]
    cited = {key for table in tables for keys in table.values() for key in keys}
    text = (LIBRARY / "report/methods_text.py").read_text(encoding="utf-8")
    assert [key for key in references.REFERENCES.keys() - cited if key not in text] == []


def test_no_doi_stands_for_two_publications_and_each_is_one_that_the_library_names():
    """What is cited is what the code says that it is of: by a DOI or a number of arXiv."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in LIBRARY.rglob("*.py")
        if path.name != "references.py"
    ).lower()
    places = [entry.doi or entry.arxiv for entry in references.REFERENCES.values()]
    known = [place for place in places if place]
    assert len(known) == len(set(known))
    unnamed = [place for place in known if place.lower() not in code]
    assert unnamed == []
