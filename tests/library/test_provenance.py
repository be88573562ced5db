from pathlib import Path

from denoisekit import provenance


def test_file_sha256_agrees_with_the_published_value_of_abc(tmp_path):
    path = Path(tmp_path, "abc")
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert provenance.file_sha256(path) == expected


def test_a_folder_is_its_files_but_not_what_snakemake_leaves_in_it(tmp_path):
    (tmp_path / "low.npy").write_text("abc")
    found = provenance.folder_sha256(tmp_path)
    assert set(found) == {"low"}
    (tmp_path / ".snakemake_timestamp").touch()
    assert provenance.folder_sha256(tmp_path) == found


def test_settings_lose_the_folders_of_absolute_paths():
    told = {
        "model": "/home/anna/my nets/seed0",
        "methods": {"tool": {"command": "/opt/bin/python /home/anna/t.py {input} --x=/a/b.tif 2"}},
        "kept": ["low/*.tif", "~/b/c.tif", "$DATA/a/b.tif", "https://a.org/b/c", "1/2", 3, None],
        "title": "Of '/home/anna/d/e.tif', and/or more",
    }
    assert provenance.without_places(told) == {
        **told,
        "model": "seed0",
        "methods": {"tool": {"command": "python t.py {input} --x=b.tif 2"}},
        "title": "Of 'e.tif', and/or more",
    }
