from pathlib import Path

import pytest

from denoisekit import provenance
from denoisekit.study.fingerprint import _imports, _statements, code_fingerprint


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "kit"
    (folder / "losses").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "losses/__init__.py").write_text("")
    (folder / "losses/fft.py").write_text("from kit.base import f\n")
    (folder / "losses/mae.py").write_text("x = 1\n")
    (folder / "base.py").write_text('"""Words."""\ndef f():\n    """More."""\n    return 1\n')
    (folder / "_checks.py").write_text("y = 1\n")
    script = tmp_path / "train.py"
    script.write_text("if 1:\n    import _paper\n    from kit import losses, _checks\n")
    (tmp_path / "_paper.py").write_text("w = 1\n")
    return folder, script


def fingerprint(package, *modules):
    _imports.cache_clear()
    _statements.cache_clear()
    folder, script = package
    return code_fingerprint(script, package=folder, modules=modules, left_out={"kit._checks"})


@pytest.mark.parametrize("changed", ["train.py", "_paper.py", "kit/losses/fft.py", "kit/base.py"])
def test_a_statement_in_any_reached_module_changes_it(package, tmp_path, changed):
    before = fingerprint(package, "kit.losses.fft")
    path = tmp_path / changed
    path.write_text(path.read_text() + "z = 3\n")
    assert fingerprint(package, "kit.losses.fft") != before


@pytest.mark.parametrize("changed", ["kit/losses/mae.py", "kit/_checks.py"])
def test_modules_that_are_not_reached_or_left_out_do_not(package, tmp_path, changed):
    before = fingerprint(package, "kit.losses.fft")
    (tmp_path / changed).write_text("x = 22\n")
    assert fingerprint(package, "kit.losses.fft") == before


def test_comments_docstrings_and_layout_do_not_count(package, tmp_path):
    before = fingerprint(package, "kit.losses.fft")
    (tmp_path / "kit/base.py").write_text('"""New."""\n# why\ndef f():\n\n    return (1)\n')
    assert fingerprint(package, "kit.losses.fft") == before


def test_file_sha256_agrees_with_the_published_value_of_abc(tmp_path):
    path = Path(tmp_path, "abc")
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert provenance.file_sha256(path) == expected
