"""YAML files are read strictly: what seems to be something else is told with its line."""

import os
from pathlib import Path

import pytest
import yaml

from denoisekit.errors import InputError
from denoisekit.yaml_files import read_yaml, with_line

ROOT = Path(__file__).resolve().parents[2]


def sentence(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_yaml(path)
    return str(error.value).replace(str(path), "FILE")


@pytest.mark.parametrize("file", sorted(ROOT.glob("config/**/*.yaml")), ids=lambda file: file.stem)
def test_what_is_shipped_is_read_as_yaml_reads_it(file: Path) -> None:
    assert read_yaml(file) == yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("5e-4", "5e-4 is text to YAML, not a number; write 0.0005, or"),
        ("1E-9", "1E-9 is text to YAML, not a number; write 1.0e-09, or"),
        ("010", '010 is an octal number to YAML; write 10, or "010" in quotes for a name'),
        ("007", "007 is an octal number to YAML; write 7, or"),
        ("no", 'no means false to YAML; write false, or "no" in quotes for the word'),
        ("On", "On means true to YAML; write true, or"),
        ("2024-05-12", '2024-05-12 is a date to YAML; write "2024-05-12" in quotes'),
        ("12:30", '12:30 is a number in base 60 to YAML; write "12:30" in quotes'),
        ("1_000", "1_000 is a number to YAML; write 1000, or"),
    ],
)
def test_what_is_another_value_than_it_seems_is_told(tmp_path: Path, value: str, said: str) -> None:
    file = tmp_path / "a.yaml"
    for text in (f"a: 1\nb: {value}\n", f"a: 1\n{value}: 1\n", f"a:\n- [x, {value}]\n"):
        file.write_text(text)
        assert sentence(file).startswith(f"FILE, line 2: {said}")
    file.write_text(f'a: "{value}"\n')
    assert read_yaml(file) == {"a": value}


@pytest.mark.parametrize("value", ["1.0e-09", "0.0005", "100000"])
def test_what_is_to_be_written_is_a_number(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.yaml").write_text(f"a: {value}\n")
    assert read_yaml(tmp_path / "a.yaml") == {"a": float(value)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "FILE: the key 'a' is given twice, in lines 1 and 3; keep one"),
        ("x:\n  - {b: 1,\n  b: 2}\n", "FILE: the key 'b' is given twice, in lines 2 and 3"),
        ("a:\n\tb: 1\n", "FILE, line 2: a tab indents it; indent by spaces"),
        ("a: 1\ntitle: My cells: actin\n", "FILE, line 2: there is a colon too many"),
        ("a: 1\ntitle: %a\n", "FILE, line 2: text must not begin with '%'"),
        ("a: [1, 2\n", "FILE, line 2: it cannot be read as YAML"),
        ("a: 1\nb: \x07\n", "FILE, line 2: the character '\\x07' must not be in YAML"),
    ],
)
def test_mistakes_are_told_with_their_lines(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    assert sentence(file).startswith(said)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-32", "mac-roman"])
def test_other_encodings_are_told(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("a: 1\ntitle: Größe\n".encode(encoding))
    assert sentence(file).endswith("as UTF-8.")
    if encoding in ("cp1252", "mac-roman"):
        assert sentence(file).startswith("FILE, line 2: the byte 0x")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("a: µ\n".encode("utf-8-sig"))
    assert read_yaml(file) == {"a": "µ"}


def test_merged_keys_may_be_given_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n")
    assert read_yaml(file)["y"] == {"a": 1, "b": 3}


def test_missing_files_are_told(tmp_path: Path) -> None:
    assert sentence(tmp_path / "none.yaml") == "The file FILE does not exist; correct its path."
    assert sentence(tmp_path) == "FILE is a folder, not a file; name the file."
    os.mkfifo(tmp_path / "pipe.yaml")
    assert sentence(tmp_path / "pipe.yaml") == (
        "FILE is a pipe or a device, not a file; name the file."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [1, *a]", "line 1: what begins here holds itself by an alias"),
        ("a: " + "[" * 4000 + "]" * 4000, "nests its values too deeply"),
        (
            "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(7)),
            "stands for more than 1000000 values",
        ),
        ("a: 1e999", "1e999 is more than a number can be"),
    ],
)
def test_values_without_end_are_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        read_yaml(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("b.c must be text, but is 3.", 3),
        ("b.d.1: -1 is less than the minimum of 0.", 5),
        ("b has the unknown key 'c'; allowed are d.", 3),
        ("the file has the unknown key 'b'; allowed are a.", 2),
        ("b.e.f lacks the key 'g'.", 2),
        ("nothing of it is here.", None),
    ],
)
def test_a_place_in_a_file_is_told_with_its_line(tmp_path: Path, said: str, line: int) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\nb:\n  c: 3\n  d: [2,\n    -1]\n")
    assert with_line(f"{file}: {said}", file) == f"{file}{f', line {line}' * bool(line)}: {said}"
    assert with_line(f"Another file: {said}", file) == f"Another file: {said}"
