import os
from pathlib import Path

import pytest

from denoisekit.errors import InputError
from denoisekit.study import contents
from denoisekit.study.contents import Contents


@pytest.fixture
def files(tmp_path):
    """Two images and a folder of one."""
    for name in ("a.tif", "b.tif", "c.zarr/0/0.0", "c.zarr/.zattrs"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return [str(tmp_path / name) for name in ("a.tif", "b.tif", "c.zarr")]


def of(files, tmp_path):
    return Contents(tmp_path / "memory.tsv").of(files)


def test_contents_count_and_dates_do_not(files, tmp_path):
    before = of(files, tmp_path)
    assert before == of(reversed(files), tmp_path)
    os.utime(files[0], (2e9, 2e9))
    assert of(files, tmp_path) == before
    Path(files[0]).write_text("A.tif")
    os.utime(files[0], (1e9, 1e9))
    changed = of(files, tmp_path)
    assert changed != before
    Path(files[2], "0/0.0").write_text("other")
    assert of(files, tmp_path) != changed
    assert of(files[:2], tmp_path) != of(files[1:], tmp_path)


def test_what_is_known_is_not_read_again(files, tmp_path, monkeypatch):
    before = of(files, tmp_path)
    read = []
    monkeypatch.setattr(contents, "file_sha256", lambda path: read.append(path) or "0")
    assert of(files, tmp_path) == before
    assert not read
    (tmp_path / "memory.tsv").write_text("cut sho")
    of(files, tmp_path)
    assert len(read) == 4


def test_what_is_known_tells_no_path(files, tmp_path):
    of(files, tmp_path)
    told = (tmp_path / "memory.tsv").read_text(encoding="utf-8")
    assert len(told.splitlines()) == 4
    assert "a.tif" not in told


def test_a_file_that_is_gone_is_told(tmp_path):
    with pytest.raises(InputError, match=r"gone\.tif cannot be read \(No such file"):
        of([str(tmp_path / "gone.tif")], tmp_path)


def test_what_a_job_read_is_noted_and_held_against_what_is_there_later(
    files, tmp_path, monkeypatch
):
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.setenv("HOME", str(tmp_path / "c.zarr"))
    content = of(files, tmp_path)
    contents.note(files, content=content, folder=tmp_path)
    used = contents.as_used(tmp_path)
    assert set(used) == {"../a.tif", "../b.tif", "~/0/0.0", "~/.zattrs"}
    os.utime(files[1], (2e9, 2e9))
    assert contents.as_used(tmp_path) == used
    Path(files[1]).write_text("B.tif")
    with pytest.raises(InputError, match=r"b\.tif is another file now than when"):
        contents.as_used(tmp_path)
    with pytest.raises(InputError, match="was changed while it was read"):
        contents.note(files, content=content, folder=tmp_path)
    Path(files[1]).unlink()
    assert contents.as_used(tmp_path) == used
    assert contents.as_used(tmp_path / "c.zarr") == {}
