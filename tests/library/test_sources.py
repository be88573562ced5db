from pathlib import Path

import pytest
import yaml

from denoisekit.datasets import catalogues, pair_table
from denoisekit.errors import InputError
from denoisekit.files import read_table

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / "config/schemas").glob("*.schema.yaml")
}
CATALOGUE = {
    "doi": "10.1/2",
    "addresses": ["https://a.org/x/", "https://b.org"],
    "files": {"low.tif": {"path": "03-a/low.tif"}},
}


def test_addresses_join_mirrors_and_paths():
    found = catalogues.addresses(CATALOGUE, "low.tif")
    assert found == ["https://a.org/x/03-a/low.tif", "https://b.org/03-a/low.tif"]


@pytest.mark.parametrize("place", ["mean.tif", "03-a/low.tif", "03-a/mean.tif"])
def test_a_folder_may_be_flat_or_as_published(tmp_path, place):
    catalogue = {"files": {"mean.tif": {"path": "03-a/low.tif"}}}
    assert catalogues.find_in_folder(catalogue, "mean.tif", folder=tmp_path) is None
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_bytes(b"")
    assert catalogues.find_in_folder(catalogue, "mean.tif", folder=tmp_path) == tmp_path / place


def test_the_pairs_of_fmd_sample_are_files_of_its_catalogue():
    catalogue = catalogues.read_catalogue(ROOT / "config/sources/fmd-sample.yaml")
    provided = {f"resources/fmd-sample/{name}" for name in catalogue["files"]}
    tables = sorted((ROOT / "config/pairs").glob("fmd-sample-*.tsv"))
    frames = [
        pair for path in tables for pair in pair_table.parse_pairs(read_table(path), table="-")
    ]
    pair_table.check_files(frames, provided=provided, table="-")
    # Twelve kinds of four frames; of two that are the same bytes, one is left out.
    assert (len(tables), len({pair.low for pair in frames}), len(frames)) == (12, 47, 47)
    sums = [catalogue["files"][Path(pair.low).name]["sha256"] for pair in frames]
    assert len(set(sums)) == 47
    for pair in frames:
        kind, _, number = Path(pair.low).stem.rpartition("_")
        assert (f"frame-{number}", f"{kind}.png") == (pair.image, Path(pair.high).name)


TREE = {"archive": "a.tar", "folder": "A/b", "fields": 2, "frames": {"raw": 50, "gt": 1}}


def test_a_tree_of_stacks_is_an_entry_per_level():
    files = catalogues.files_of({"files": {"a.tar": {"path": "1"}, "a": TREE}})
    assert list(files) == ["a.tar", "a/raw", "a/gt"]
    assert (files["a/raw"]["frames"], files["a/gt"]["frames"]) == (50, 1)
    assert catalogues.stacks_of(files["a/raw"]) == {"1.tif": "A/b/raw/1", "2.tif": "A/b/raw/2"}
    assert catalogues.stacks_of(files["a.tar"]) == {}


def test_a_level_may_be_there_unpacked(tmp_path):
    files = catalogues.files_of({"files": {"a": TREE}})
    (tmp_path / "A/b/raw").mkdir(parents=True)
    assert catalogues.is_unpacked(files["a/raw"], folder=tmp_path)
    assert not catalogues.is_unpacked(files["a/gt"], folder=tmp_path)
    assert not catalogues.is_unpacked(files["a/raw"], folder=None)


def test_the_pairs_of_fmd_are_fifty_frames_of_twenty_fields():
    files = catalogues.files_of(catalogues.read_catalogue(ROOT / "config/sources/fmd.yaml"))
    stacks = {
        f"resources/fmd/{name}/{stack}"
        for name, entry in files.items()
        for stack in catalogues.stacks_of(entry)
    }
    assert len(stacks) == 12 * 6 * 20
    tables = sorted((ROOT / "config/pairs").glob("fmd-*-nr?.tsv"))
    assert len(tables) == 15
    kinds = {
        "confocal-mice": "Confocal_MICE",
        "confocal-zebrafish": "Confocal_FISH",
        "two-photon-mice": "TwoPhoton_MICE",
    }
    levels = {"1": "raw", "2": "avg2", "3": "avg4", "4": "avg8", "5": "avg16"}
    for path in tables:
        kind, _, regime = path.stem.removeprefix("fmd-").rpartition("-nr")
        frames = pair_table.parse_pairs(read_table(path), table=path.name)
        pair_table.check_files(frames, provided=stacks, table=path.name)
        assert len(frames) == 1000
        assert {pair.field for pair in frames if pair.split == "test"} == {"19"}
        for number, pair in enumerate(frames):
            field, page = divmod(number, 50)
            folder = f"resources/fmd/{kinds[kind]}"
            assert pair.low == f"{folder}/{levels[regime]}/{field + 1}.tif"
            assert pair.high == f"{folder}/gt/{field + 1}.tif"
            assert (pair.field, pair.page) == (str(field + 1), page)
            assert pair.split == ("test" if pair.field == "19" else "train")


def test_a_folder_is_there_or_a_mistake_unless_its_variable_is_not_set(tmp_path, monkeypatch):
    def own(folder):
        return catalogues.own_folder({"catalogue": "c.yaml", **folder}, where="sources.mine")

    assert own({}) is None
    assert own({"folder": "${MINE}/a"}) is None
    monkeypatch.setenv("MINE", str(tmp_path))
    sentence = rf"sources\.mine\.folder is '\$\{{MINE\}}/a', but there is no folder {tmp_path}/a;"
    with pytest.raises(InputError, match=sentence):
        own({"folder": "${MINE}/a"})
    for name in ("a", "5$ b"):
        (tmp_path / name).mkdir()
        assert own({"folder": f"${{MINE}}/{name}"}) == tmp_path / name


def test_the_advice_names_doi_place_and_key(tmp_path):
    text = catalogues.advice(CATALOGUE, source="mine", target=tmp_path / "low.tif")
    for part in ("https://doi.org/10.1/2", str(tmp_path / "low.tif"), "sources.mine.folder"):
        assert part in text
    asked = CATALOGUE | {"by_hand": "ask the authors"}
    text = catalogues.advice(asked, source="mine", target=tmp_path / "low.tif")
    assert text.startswith("Fetch it by hand (ask the authors) and put it at ")


@pytest.mark.parametrize("path", sorted((ROOT / "config/sources").glob("*.yaml")), ids=str)
def test_our_own_catalogues_are_sound(path):
    catalogue = catalogues.read_catalogue(path)
    catalogues.check_catalogue(catalogue, schemas=SCHEMAS, file=path.name)
    for name, entry in catalogue["files"].items():
        if "path" in entry and "by_hand" not in catalogue:
            assert all(
                each.startswith("https://") for each in catalogues.addresses(catalogue, name)
            )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mirrors": []}, "mine.yaml: the file has the unknown key 'mirrors'; allowed are addre"),
        ({"files": {"a/b.tif": {"path": "b"}}}, "files is 'a/b.tif', but must be made of letters"),
        ({"files": {"b.tif": {}}}, "files.b.tif lacks the key 'path'"),
        ({"files": {"b.tif": {"path": "b", "md5": "0"}}}, "files.b.tif has the unknown key 'md5'"),
        (
            {"files": {"b.tif": {"path": "b", "sha256": "0"}}},
            "must be made of 64 hexadecimal",
        ),
        ({"files": {"b.tif": {"archive": "a.zip"}}}, "files.b.tif lacks the key 'member'"),
        ({"files": {"b": {"archive": "a.tar", "frames": {"raw": 1}}}}, "b lacks the key 'folder'"),
        ({"files": {"b": TREE}}, "files.b is made of 'a.tar', which is not a file"),
        ({"files": {"b": {**TREE, "folder": "../a"}}}, "files.b.folder is '../a', but must be"),
        (
            {"files": {"b": {**TREE, "frames": {"../raw": 1}}}},
            "files.b.frames is '../raw', but must",
        ),
        ({"files": {"b": {**TREE, "member": "a"}}}, "files.b has the unknown key 'member'"),
        (
            {"files": {"b.tif": {"picture": "b.png"}}},
            "files.b.tif is made of 'b.png', which is",
        ),
    ],
)
def test_mistakes_in_a_catalogue_are_told_in_one_sentence(change, sentence):
    catalogue = {"title": "-", "licence": "CC0", **CATALOGUE}
    catalogues.check_catalogue(catalogue, schemas=SCHEMAS, file="mine.yaml")
    with pytest.raises(InputError) as error:
        catalogues.check_catalogue({**catalogue, **change}, schemas=SCHEMAS, file="mine.yaml")
    assert sentence in str(error.value)


def test_a_catalogue_that_is_missing_or_no_yaml_is_told(tmp_path):
    with pytest.raises(InputError, match=r"mine\.yaml does not exist"):
        catalogues.read_catalogue(tmp_path / "mine.yaml")
    (tmp_path / "mine.yaml").write_text("files: [")
    with pytest.raises(InputError, match="cannot be read as YAML"):
        catalogues.read_catalogue(tmp_path / "mine.yaml")
