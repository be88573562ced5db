"""What comes with denoisekit is found from any folder."""

import pytest

from denoisekit.study.shipped import SHIPPED, find_shipped, schemas
from denoisekit.yaml_files import read_yaml

STUDY = {
    "study": "mine",
    "published": "config/published/pn2v",
    "sources": {"fmd": {"catalogue": "config/fmd.yaml", "folder": "${FMD}"}},
    "datasets": {"shipped": {"pairs": "config/mice.tsv"}, "own": {"pairs": "own.tsv"}, "other": {}},
    "published_regimes": {"table": "config/table1.csv", "experiments": {}},
}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    house, project = tmp_path / "house", tmp_path / "project"
    (house / "config/published/pn2v").mkdir(parents=True)
    for name in ("fmd.yaml", "mice.tsv", "table1.csv"):
        (house / "config" / name).touch()
    project.mkdir()
    monkeypatch.chdir(project)
    return house


def test_what_is_not_here_is_taken_from_the_checkout(checkout):
    found = find_shipped(STUDY, checkout=checkout)
    assert found == {
        "study": "mine",
        "published": str(checkout / "config/published/pn2v"),
        "sources": {"fmd": {"catalogue": str(checkout / "config/fmd.yaml"), "folder": "${FMD}"}},
        "datasets": {
            "shipped": {"pairs": str(checkout / "config/mice.tsv")},
            "own": {"pairs": "own.tsv"},
            "other": {},
        },
        "published_regimes": {"table": str(checkout / "config/table1.csv"), "experiments": {}},
    }
    assert find_shipped(found, checkout=checkout) == found


def test_what_is_here_goes_first(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    assert find_shipped(STUDY, checkout=checkout) == STUDY


def test_a_study_that_names_nothing_shipped_stays(checkout):
    study = {"study": "mine", "datasets": {"own": {"pairs": "own.tsv"}}}
    assert find_shipped(study, checkout=checkout) == study


def test_the_schemas_are_as_any_yaml_is_read():
    folder = SHIPPED / "config" / "schemas"
    assert schemas() == {path.name: read_yaml(path) for path in folder.glob("*.schema.yaml")}
