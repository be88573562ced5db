"""The real sample as a stranger gets it: six pictures from a server, made into counts."""

import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from denoisekit.datasets.catalogues import find_in_folder, read_catalogue
from denoisekit.images.reading import read_image
from denoisekit.provenance import file_sha256
from servers import serving

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["actin-20x-noise1", "actin-60x-noise1", "mito-60x-noise1"]
KINDS = {"low": "low_adu16", "high": "high"}
IMAGES = [f"resources/gigadb-sample/{name}-{kind}.tif" for name in NAMES for kind in KINDS]


@pytest.fixture
def study(sample_data, tmp_path, monkeypatch):
    """The real sample's study for someone without the images, who can reach a server."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("DENOISEKIT_SAMPLE_DATA")
    catalogue, config = (
        yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
        for path in ("config/sources/gigadb-sample.yaml", "config/real-sample.yaml")
    )
    files = {
        f"/{entry['path']}": (sample_data / "hagen_gigadb/source" / name).read_bytes()
        for name, entry in catalogue["files"].items()
        if "path" in entry
    }
    config["sources"]["gigadb-sample"]["catalogue"] = "catalogue.yaml"
    for name in ("actin", "mitochondria"):
        config["datasets"][name]["pairs"] = str(ROOT / config["datasets"][name]["pairs"])
    with serving(files) as server:
        catalogue["addresses"] = [f"{server.address}/not-here", server.address]
        (tmp_path / "catalogue.yaml").write_text(yaml.safe_dump(catalogue), encoding="utf-8")
        yield config, server


def assert_known(folder, sample_data):
    for name in NAMES:
        for kind, known in KINDS.items():
            made = read_image(folder / f"resources/gigadb-sample/{name}-{kind}.tif").pixels
            expected = read_image(sample_data / "hagen_gigadb" / known / f"{name}.tif").pixels
            assert made.dtype == expected.dtype
            np.testing.assert_array_equal(made, expected)


def test_downloaded_pictures_become_the_known_counts(study, sample_data, snakemake, tmp_path):
    config, server = study
    server.cut_after, server.broken_answers = 1_000_000, 3
    snakemake(config, *IMAGES)
    assert_known(tmp_path, sample_data)
    # Two downloads may share a cut, and a small picture may end before it.
    resumed = [asked for asked in server.asked if asked[1]]
    assert 1 <= len(resumed) <= 3
    assert len(server.asked) == 6 + 6 + len(resumed)


def test_pictures_that_are_there_become_the_known_counts(
    study, sample_data, snakemake, tmp_path, monkeypatch
):
    config, server = study
    monkeypatch.setenv("DENOISEKIT_SAMPLE_DATA", os.fspath(sample_data.resolve()))
    snakemake(config, *IMAGES)
    assert_known(tmp_path, sample_data)
    assert server.asked == []
    assert (tmp_path / "resources/gigadb-sample" / f"{NAMES[0]}-lowsnr-sample.png").is_symlink()


def test_all_frames_of_fmd_sample_are_found_where_they_are(sample_data):
    catalogue = read_catalogue(ROOT / "config/sources/fmd-sample.yaml")
    for name, entry in catalogue["files"].items():
        found = find_in_folder(catalogue, name, folder=sample_data / "fmd_test_mix")
        assert file_sha256(found) == entry["sha256"], name
