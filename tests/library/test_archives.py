import io
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from denoisekit import archives
from denoisekit.errors import InputError

CONTENT = np.random.default_rng(0).bytes(1_000_000)


def pack_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)


def pack_tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_a_member_is_taken_out_and_nothing_else(tmp_path, pack):
    pack(tmp_path / "all", {"a/low.tif": CONTENT, "a/high.tif": b"other"})
    archives.extract_member(tmp_path / "all", "a/low.tif", tmp_path / "low.tif")
    assert (tmp_path / "low.tif").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["all", "low.tif"]


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
@pytest.mark.parametrize("evil", ["../../escaped.tif", "/tmp/denoisekit-escaped.tif"])
def test_names_that_lead_out_of_an_archive_lead_nowhere(tmp_path, pack, evil):
    folder = tmp_path / "deep/down"
    folder.mkdir(parents=True)
    pack(folder / "all", {evil: b"evil", "good.tif": b"good"})
    for member in ("good.tif", evil):
        archives.extract_member(folder / "all", member, folder / "out.tif")
    assert (folder / "out.tif").read_bytes() == b"evil"
    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(files) == ["all", "out.tif"]
    assert not Path("/tmp/denoisekit-escaped.tif").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_in_an_archive_are_not_followed(tmp_path, kind):
    (tmp_path / "secret").write_text("secret")
    with tarfile.open(tmp_path / "all", "w") as packed:
        entry = tarfile.TarInfo("low.tif")
        entry.type, entry.linkname = kind, str(tmp_path / "secret")
        packed.addfile(entry)
    with pytest.raises(InputError, match=r"holds no regular file low\.tif; it holds none"):
        archives.extract_member(tmp_path / "all", "low.tif", tmp_path / "out.tif")
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_a_missing_member_is_told_with_what_is_there(tmp_path, pack):
    pack(tmp_path / "all", {f"{number}.tif": b"" for number in range(7)})
    with pytest.raises(InputError, match=r"no regular file x; it holds 0\.tif, .* and 2 more"):
        archives.extract_member(tmp_path / "all", "x", tmp_path / "x")


def flipped(whole):
    middle = len(whole) // 2
    return (
        whole[:middle]
        + bytes(byte ^ 255 for byte in whole[middle : middle + 10])
        + whole[middle + 10 :]
    )


@pytest.mark.parametrize(
    ("pack", "spoil"),
    [
        (pack_zip, flipped),
        (pack_tar, lambda whole: whole[:500_000]),
        *((partial(pack_tar, mode=f"w:{kind}"), flipped) for kind in ("gz", "bz2", "xz")),
    ],
    ids=["zip-flipped", "tar-cut", "gz-flipped", "bz2-flipped", "xz-flipped"],
)
def test_a_damaged_archive_is_one_sentence(tmp_path, pack, spoil):
    pack(tmp_path / "all", {"low.tif": CONTENT})
    (tmp_path / "all").write_bytes(spoil((tmp_path / "all").read_bytes()))
    with pytest.raises(InputError, match=r"cannot be unpacked|or it is damaged"):
        archives.extract_member(tmp_path / "all", "low.tif", tmp_path / "out.tif")


def test_what_is_no_archive_is_said(tmp_path):
    (tmp_path / "all").write_bytes(CONTENT)
    with pytest.raises(InputError, match="is neither a zip nor a tar archive"):
        archives.extract_member(tmp_path / "all", "low.tif", tmp_path / "out.tif")


FOLDERS = {"all/raw/1/b.png": b"1b", "all/raw/1/a.png": b"1a", "all/raw/2/c.png": b"2c"}
BESIDE = {"all/raw/x.png": b"", "all/raw/1/deep/y.png": b"", "all/gt/1/z.png": b"", "../1/w": b""}


@pytest.mark.parametrize("pack", [pack_zip, pack_tar, partial(pack_tar, mode="w")])
@pytest.mark.parametrize("start", ["", "./"])
def test_folders_are_read_whole_and_nothing_else(tmp_path, pack, start):
    pack(tmp_path / "packed", {start + name: content for name, content in FOLDERS.items()} | BESIDE)
    found = list(archives.read_folders(tmp_path / "packed", ["all/raw/2", "all/raw/1"]))
    assert found == [
        ("all/raw/1", {"b.png": b"1b", "a.png": b"1a"}),
        ("all/raw/2", {"c.png": b"2c"}),
    ]
    assert [path.name for path in tmp_path.rglob("*")] == ["packed"]


def test_an_unpacked_archive_is_read_as_well(tmp_path):
    for name, content in (FOLDERS | BESIDE).items():
        if ".." not in name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
    found = dict(archives.read_folders(tmp_path, ["all/raw/1", "all/raw/2", "all/raw/3"]))
    assert found == {
        "all/raw/1": {"a.png": b"1a", "b.png": b"1b"},
        "all/raw/2": {"c.png": b"2c"},
        "all/raw/3": {},
    }


@pytest.mark.parametrize("pack", [pack_zip, pack_tar, None])
def test_chosen_files_are_written_where_it_is_said_and_nothing_else(tmp_path, pack):
    whole, out = tmp_path / "whole", tmp_path / "out"
    out.mkdir()
    if pack:
        pack(whole, {"../evil": b"e", **FOLDERS})
    for name, content in ({} if pack else FOLDERS).items():
        (whole / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).write_bytes(content)
    seen = []

    def choose(names):
        seen.extend(names)
        return {name: out / name.rpartition("/")[2] for name in names if "/1/" in name}

    written = list(archives.extract_files(whole, choose))
    assert set(FOLDERS) <= set(seen)
    assert sorted(written) == ["all/raw/1/a.png", "all/raw/1/b.png"]
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        "a.png": b"1a",
        "b.png": b"1b",
    }


def test_a_folder_that_an_archive_lacks_is_told_with_those_it_has(tmp_path):
    pack_tar(tmp_path / "packed", FOLDERS)
    sentence = r"no files in the folder all/raw/3; .* are all/raw/1, all/raw/2\.$"
    with pytest.raises(InputError, match=sentence):
        list(archives.read_folders(tmp_path / "packed", ["all/raw/1", "all/raw/3"]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_in_a_folder_of_an_archive_are_left_out(tmp_path, kind):
    (tmp_path / "secret").write_text("secret")
    pack_tar(tmp_path / "packed", {"all/1/a.png": b"a"}, mode="w")
    with tarfile.open(tmp_path / "packed", "a") as packed:
        entry = tarfile.TarInfo("all/1/b.png")
        entry.type, entry.linkname = kind, str(tmp_path / "secret")
        packed.addfile(entry)
    assert dict(archives.read_folders(tmp_path / "packed", ["all/1"])) == {"all/1": {"a.png": b"a"}}


def test_a_member_longer_than_it_may_be_is_told_and_not_written(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", bytes(10**6))
    archives.extract_member(tmp_path / "a.zip", "card.json", tmp_path / "whole", most=10**6)
    assert (tmp_path / "whole").stat().st_size == 10**6
    with pytest.raises(InputError, match=r"card\.json in .* has more than 999999 bytes"):
        archives.extract_member(tmp_path / "a.zip", "card.json", tmp_path / "b", most=10**6 - 1)
    assert (tmp_path / "b").stat().st_size == 0
