import pytest

from denoisekit.study import known_code
from denoisekit.study.known_code import Fingerprints


@pytest.fixture
def folders(tmp_path):
    """A package of one module, and a script that takes a number of it."""
    for name, text in (("kit/__init__.py", ""), ("kit/numbers.py", "ONE = 1\n")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/count.py").write_text("from kit.numbers import ONE\nprint(ONE)\n")
    return {"package": tmp_path / "kit", "scripts": tmp_path / "scripts"}


@pytest.fixture
def read(monkeypatch):
    """The scripts whose code was read."""
    found = []
    fingerprint = known_code.code_fingerprint

    def reading(script, **options):
        found.append(script.stem)
        return fingerprint(script, **options)

    monkeypatch.setattr(known_code, "code_fingerprint", reading)
    return found


def of(folders, *modules, left_out=()):
    return Fingerprints(**folders, left_out=set(left_out)).of("count", modules)


def test_known_code_is_not_read_again(folders, read):
    first = of(folders)
    assert of(folders) == first
    assert read == ["count"]
    of(folders, "kit.numbers")
    of(folders, left_out={"kit.numbers"})
    assert read == ["count"] * 3


@pytest.mark.parametrize("file", ["kit/numbers.py", "scripts/count.py"])
def test_edited_code_is_read_again(folders, tmp_path, read, file):
    first = of(folders)
    path = tmp_path / file
    path.write_text(path.read_text().replace("ONE", "TWO").replace("1", "2"))
    if "numbers" in file:
        path.write_text("ONE = 2\n")
    assert of(folders) != first
    path.write_text(path.read_text() + "# A comment.\n")
    of(folders)
    assert read == ["count"] * 3


def test_a_module_that_is_added_is_seen(folders, tmp_path, read):
    (tmp_path / "scripts/count.py").write_text("import kit\nprint(kit.more)\n")
    first = of(folders)
    (tmp_path / "kit/more.py").write_text("print()\n")
    assert of(folders) != first
    assert len(read) == 2


def test_what_was_edited_while_it_was_read_is_not_remembered(folders, tmp_path, read):
    known = Fingerprints(**folders, left_out=())
    (tmp_path / "kit/numbers.py").write_text("ONE = 2\n")
    edited = known.of("count", ())
    (tmp_path / "kit/numbers.py").write_text("ONE = 1\n")
    assert of(folders) != edited
    assert len(read) == 2


@pytest.mark.parametrize("kept", ["", "{", "[]", "null", '{"code": 1}', '{"fingerprints": {}}'])
def test_a_memory_that_cannot_be_read_is_left(folders, tmp_path, kept):
    first = of(folders)
    (tmp_path / "kit/__pycache__/fingerprints.json").write_text(kept)
    assert of(folders) == first


def test_a_program_that_cannot_be_written_into_works(folders, tmp_path):
    (tmp_path / "kit/__pycache__").write_text("no folder")
    assert len(of(folders)) == 16
