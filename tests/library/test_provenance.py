from pathlib import Path

from denoisekit import provenance


def test_file_sha256_agrees_with_the_published_value_of_abc(tmp_path):
    path = Path(tmp_path, "abc")
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert provenance.file_sha256(path) == expected
