"""Tables as spreadsheets write them, and paths as people name them."""

import os
from pathlib import Path

import pytest

from denoisekit.datasets import folders
from denoisekit.datasets.pair_table import parse_pairs
from denoisekit.errors import InputError
from denoisekit.files import check_braces, expand_variables, portable, read_table, working_in


def table(folder: Path, text: str) -> Path:
    file = folder / "pairs.tsv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "image\tlow\na\tb\n",
        "\ufeffimage\tlow\r\na\tb\r\n",
        "image \t low\na\tb\n",
        "image\tlow\t\t\na\tb\t\t\n",
        "image\tlow\na\tb\n\t\n\n \t\t\n",
        "image\tlow\na\tb\t\n",
    ],
    ids=["plain", "windows", "spaces", "unnamed", "empty-rows", "one-tab-more"],
)
def test_tables_are_read_as_they_are_meant(tmp_path: Path, text: str) -> None:
    assert read_table(table(tmp_path, text)) == [{"image": "a", "low": "b"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image\tlow\timage\na\tb\tc\n", "has two columns 'image', number 1 and 3;"),
        ("image\tlow\tlow \na\tb\tc\n", "has two columns 'low', number 2 and 3;"),
        ("image\t\tlow\na\t\tb\nc\tx\td\n", "a value in line 3 of its column 2, which has no"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_an_error(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InputError) as error:
        read_table(table(tmp_path, text))
    assert said in str(error.value)


def test_what_is_no_table_at_all_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tsv")
    with pytest.raises(InputError, match=r"pipe.tsv is a pipe or a device, not a file"):
        read_table(tmp_path / "pipe.tsv")
    with pytest.raises(InputError, match="is a folder, not a file"):
        read_table(tmp_path)


def test_lines_are_counted_with_the_empty_ones(tmp_path: Path) -> None:
    rows = read_table(table(tmp_path, "image\tsplit\tlow\na\ttest\tx\n\n\t\t\nb\tval\ty\n"))
    with pytest.raises(InputError, match=r"mine, line 5: split must be train or test"):
        parse_pairs(rows, table="mine")
    pairs = parse_pairs([{**row, "split": " test "} for row in rows[:1]], table="mine")
    assert pairs[0].split == "test"
    with pytest.raises(InputError, match="mine has no rows"):
        parse_pairs(rows[1:3], table="mine")


def test_rows_of_another_length_are_an_error(tmp_path: Path) -> None:
    for text in ("image\tsplit\tlow\na\ttest\n", "image\tsplit\tlow\na\ttest\tb\tc\n"):
        with pytest.raises(InputError, match="line 2 has not as many columns as the header"):
            parse_pairs(read_table(table(tmp_path, text)), table="mine")


def test_a_path_is_told_without_the_place_of_its_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    told = {"run/low/a.tif": "low/a.tif", "me/a$b.tif": "~/a$b.tif", "c/a.tif": "../c/a.tif"}
    for path, name in told.items():
        assert portable(str(tmp_path / path)) == name
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
        assert Path(expand_variables(name, where="mine")).resolve() == tmp_path / path
    assert portable("low/a.tif") == "low/a.tif"


def test_a_dollar_in_a_name_is_no_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    for name in ("low/e$HOME.tif", "low/f$NOT.tif", "low/100%.tif", "$d/a.tif"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
        assert expand_variables(name, where="mine") == name
    assert expand_variables("$HOME/a.tif", where="mine") == "/home/me/a.tif"
    assert expand_variables("~/a.tif", where="mine") == "/home/me/a.tif"
    with pytest.raises(InputError, match="variable NOT, which is not set"):
        expand_variables("$NOT/a.tif", where="mine")
    found = folders.find("low/*", None, where="mine")
    assert [item.low for item in found] == ["low/100%.tif", "low/e$HOME.tif", "low/f$NOT.tif"]
    assert [item.low for item in folders.find("$d/*", None, where="mine")] == ["$d/a.tif"]


def test_braces_are_told(tmp_path: Path) -> None:
    check_braces(["a.tif", "b$c.tif"], where="mine")
    with pytest.raises(InputError, match=r"mine names c\{1\}.tif, but the names .* '\{' and '\}'"):
        check_braces(["a.tif", "c{1}.tif"], where="mine")


def test_one_file_alone_takes_away_what_dead_runs_left_of_it_and_no_other(tmp_path: Path) -> None:
    for name in (".a.7.tmp.zip", ".b.7.tmp.zip", ".a.7.tmp.tif", "a.zip"):
        (tmp_path / name).touch()
    with working_in(tmp_path, alone="a.zip"):
        left = {path.name for path in tmp_path.iterdir()}
    assert left == {".b.7.tmp.zip", ".a.7.tmp.tif", "a.zip"}


def test_an_empty_folder_goes_only_if_it_was_made_for_the_run(tmp_path: Path) -> None:
    with working_in(tmp_path):
        pass
    with working_in(tmp_path / "new"):
        pass
    assert tmp_path.is_dir()
    assert not (tmp_path / "new").exists()
