"""What is sent round of a study: what its record lists, as the run left it, and nothing else."""

import hashlib
import json
import zipfile

from commands import call


def leave(folder, contents, *, also=()):
    """Write the results of a study, and a record that lists them and files that are not its own."""
    entries = [{"@id": "./", "@type": "Dataset"}]
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    for name, content in {**contents, **dict(also)}.items():
        digest = hashlib.sha256(content.encode()).hexdigest()
        entries.append({"@id": name.replace(" ", "%20"), "sha256": digest})
    (folder / "ro-crate-metadata.json").write_text(json.dumps({"@graph": entries}))


def test_what_the_record_lists_is_packed_but_no_images_and_nothing_from_outside(tmp_path):
    (tmp_path / "secret").write_text("secret")
    results = tmp_path / "mine"
    results.mkdir()
    contents = {
        **{"report.html": "page", "tables/a b.tsv": "table", "models/x/card.json": "card"},
        **{"models/x/last.safetensors": "weights", "restored/a.tif": "image"},
    }
    leave(results, contents, also={"../secret": "secret", "tables/../../secret": "secret"})
    said, _ = call("bundle", results, tmp_path / "a.zip")
    assert "a.zip (5 files)" in said
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert set(packed.namelist()) == {
            *("report.html", "tables/a b.tsv", "models/x/card.json"),
            *("ro-crate-metadata.json", "README.txt"),
        }
        assert "lead nowhere here" in packed.read("README.txt").decode().replace("\n", " ")
    assert "a.zip is there already" in call("bundle", results, tmp_path / "a.zip", code=1)[1]


def test_unfinished_and_damaged_results_are_told(tmp_path):
    words = ("bundle", tmp_path / "mine", tmp_path / "a.zip")
    assert "has no ro-crate-metadata.json" in call(*words, code=1)[1]
    (tmp_path / "mine").mkdir()
    leave(tmp_path / "mine", {"verdict.txt": "x"})
    assert "lists no report.html" in call(*words, code=1)[1]
    leave(tmp_path / "mine", {"report.html": "page"}, also={"tables/gone.tsv": "table"})
    assert "gone.tsv is not what the run left: it is missing" in call(*words, code=1)[1]
    (tmp_path / "mine/ro-crate-metadata.json").write_text("{}")
    assert "is damaged; run the study again" in call(*words, code=1)[1]
    assert not (tmp_path / "a.zip").exists()
