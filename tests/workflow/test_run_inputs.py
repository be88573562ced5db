"""What the description of a run says of the images that were read."""

import hashlib
from pathlib import Path

import pytest
import yaml

from denoisekit.errors import InputError
from denoisekit.files import write_table
from denoisekit.study import crate
from denoisekit.study.contents import Contents, note

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = {
    "title": "Frames",
    "doi": "10.1/x",
    "licence": "CC0-1.0",
    "addresses": ["https://example.org/data"],
    "files": {
        "a.tif": {"path": "p/a.tif", "sha256": hashlib.sha256(b"a").hexdigest()},
        "b.tif": {"path": "[01-10]/b.tif"},
        "c.tar": {"path": "c.tar"},
        "c": {"archive": "c.tar", "folder": "c", "fields": 2, "frames": {"raw": 1}},
    },
}


@pytest.fixture
def find(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "workflow/scripts"))
    monkeypatch.chdir(tmp_path)
    Path("cat.yaml").write_text(yaml.safe_dump(CATALOGUE))
    Path("resources/s").mkdir(parents=True)
    study = {"datasets": {"d": {}}, "sources": {"s": {"catalogue": "cat.yaml"}}}

    def found(*files, tables=(), **dataset):
        from _inputs import find

        write_table("registered/d/pairs.tsv", [{"low": file, "high": ""} for file in files])
        own = [*tables, *(file for file in files if not file.startswith("res"))]
        note(own, content=Contents(Path("memory.tsv")).of(own), folder="registered/d")
        study["datasets"]["d"] = dataset
        return list(find(["registered/d"], study, tables=tables))

    return found


def test_a_download_goes_by_its_address_and_published_hash(find):
    Path("resources/s/a.tif").write_text("a")
    (item,) = find("resources/s/a.tif")
    assert item.identifier == "https://example.org/data/p/a.tif"
    assert item.sha256 == CATALOGUE["files"]["a.tif"]["sha256"]


def test_a_download_without_a_published_hash_is_hashed(find):
    Path("resources/s/b.tif").write_text("b")
    (item,) = find("resources/s/b.tif")
    assert item.identifier == "https://doi.org/10.1/x#b.tif"
    assert item.sha256 == hashlib.sha256(b"b").hexdigest()


def test_what_is_fetched_by_hand_goes_by_its_doi(find):
    Path("cat.yaml").write_text(yaml.safe_dump(CATALOGUE | {"addresses": []}))
    Path("resources/s/a.tif").write_text("a")
    (item,) = find("resources/s/a.tif")
    assert item.identifier == "https://doi.org/10.1/x#a.tif"


def test_an_own_file_of_other_content_is_not_called_published(find):
    Path("own.tif").write_text("other")
    Path("resources/s/a.tif").symlink_to(Path("own.tif").absolute())
    (item,) = find("resources/s/a.tif")
    assert item.identifier == crate.hash_identifier(hashlib.sha256(b"other").hexdigest())
    assert item.description.startswith("The user's own file in place of a.tif")


def test_stacks_come_from_their_archive_which_may_be_gone(find):
    (item,) = find("resources/s/c/raw/1.tif", "resources/s/c/raw/2.tif")
    assert (item.name, item.sha256) == ("c.tar", None)
    assert item.description.endswith("it is not here to be checked")


def test_simulated_images_are_no_input_and_own_ones_go_by_content(find):
    Path("own.tif").write_text("o")
    Path("pairs.tsv").write_text("t")
    assert find("results/s/simulated/d/low.tif", simulate={}) == []
    table, images = find("own.tif", tables=["pairs.tsv"])
    assert (table.slot, table.name) == ("tables", "pairs.tsv")
    assert (images.name, images.folder) == ("Own images of d", True)
    digest = hashlib.sha256(b"o").hexdigest()
    listing = hashlib.sha256(f"{digest}  own.tif\n".encode()).hexdigest()
    assert images.identifier == crate.hash_identifier(listing)


def test_an_own_image_that_is_another_one_now_is_not_told_as_what_was_used(find):
    Path("own.tif").write_text("o")
    find("own.tif")
    Path("own.tif").write_text("p")
    from _inputs import find as find_again

    with pytest.raises(InputError, match=r"own\.tif is another file now"):
        list(find_again(["registered/d"], {"datasets": {"d": {}}}, tables=[]))
