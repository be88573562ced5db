"""The archives of FMD, tried with two fields of three small frames, from archive to scores."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from skimage.io import imsave

from denoisekit.files import read_table
from denoisekit.images.reading import read_image

ROOT = Path(__file__).resolve().parents[2]
LEVEL = "resources/fmd/Confocal_MICE/raw"
TABLE = ROOT / "config/pairs/fmd-confocal-mice-nr1.tsv"


def frame_name(frame):
    """Names that sort otherwise as text than by their numbers."""
    return f"HV110_P{frame + 8}.png"


@pytest.fixture
def unpacked(tmp_path):
    """Frames that are displaced by a pixel against their truth, as FMD's archives hold them."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "unpacked"
    for field in (1, 2, 3):
        truth = np.full((66, 66), 20.0)
        for y, x in rng.integers(2, 63, (50, 2)):
            truth[y - 1 : y + 2, x - 1 : x + 2] += rng.uniform(60, 120)
        truth = np.clip(truth, 0, 240)
        files = {f"gt/{field}/avg50.png": truth[1:-1, 1:-1]}
        for frame in range(3):
            noisy = truth[1:-1, 2:] + rng.normal(0, 8, (64, 64))
            files[f"raw/{field}/{frame_name(frame)}"] = noisy
        for name, pixels in files.items():
            path = folder / "Confocal_MICE" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            imsave(path, np.clip(pixels, 0, 255).astype(np.uint8), check_contrast=False)
    return folder


@pytest.fixture
def packed(unpacked, tmp_path):
    """A folder with their archive."""
    folder = tmp_path / "packed"
    folder.mkdir()
    with tarfile.open(folder / "Confocal_MICE.tar", "w") as archive:
        archive.add(unpacked / "Confocal_MICE", "Confocal_MICE")
    return folder


@pytest.fixture
def study(tiny, tmp_path, monkeypatch):
    """A study that trains nothing; FMD's table and catalogue are cut down to the frames."""
    monkeypatch.delenv("DENOISEKIT_FMD", raising=False)
    catalogue = yaml.safe_load((ROOT / "config/sources/fmd.yaml").read_text(encoding="utf-8"))
    catalogue["files"]["Confocal_MICE"] |= {"fields": 2, "frames": {"raw": 3, "gt": 1}}
    (tmp_path / "fmd.yaml").write_text(yaml.safe_dump(catalogue), encoding="utf-8")
    rows = TABLE.read_text(encoding="utf-8").replace("0:50", "0:3").splitlines()[:3]
    rows[2] = rows[2].replace("train", "test")
    (tmp_path / "nr1.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    tiny["sources"] = {"fmd": {"catalogue": "fmd.yaml", "folder": "${DENOISEKIT_FMD}"}}
    tiny["datasets"] = {"nr1": {"pixel_size_um": 0.1, "register": False, "pairs": "nr1.tsv"}}
    tiny["train_sets"] = {"nr1": {"dataset": "nr1", "patch_size": 32}}
    tiny["test_sets"] = {"nr1": {"dataset": "nr1"}}
    tiny["experiments"] = {"FMD": {"train_set": "nr1", "test_set": "nr1", "description": "-"}}
    tiny["methods"] = {"noisy": {"filter": "noisy"}, "gaussian": {"filter": "gaussian"}}
    tiny["conventions"] = ["range255"]
    tiny["statistics"]["references"] = ["gaussian"]
    tiny["statistics"]["family"] |= {"methods": "all", "conventions": ["range255"]}
    del tiny["published"]
    return tiny


def frames_of(unpacked, field):
    folder = unpacked / "Confocal_MICE"
    files = [f"raw/{field}/{frame_name(frame)}" for frame in range(3)]
    return [read_image(folder / file).pixels for file in [*files, f"gt/{field}/avg50.png"]]


def test_from_archive_to_scores(study, snakemake, packed, unpacked, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOISEKIT_FMD", str(packed))
    registered = tmp_path / "results/tiny/registered/nr1"
    scores = "results/tiny/tables/scores.tsv"
    snakemake(study, scores)
    rows = read_table(tmp_path / scores)
    noisy = {
        row["image"]: float(row["value"])
        for row in rows
        if (row["method"], row["metric"], row["convention"]) == ("noisy", "psnr", "range255")
    }
    assert list(noisy) == ["field-02-0", "field-02-1", "field-02-2"]
    *frames, truth = frames_of(unpacked, 2)
    for (image, value), frame in zip(noisy.items(), frames, strict=True):
        np.testing.assert_array_equal(read_image(registered / f"low/{image}.tif").pixels, frame)
        np.testing.assert_array_equal(read_image(registered / f"high/{image}.tif").pixels, truth)
        error = np.mean((frame.astype(float) - truth) ** 2)
        np.testing.assert_allclose(value, 10 * np.log10(255**2 / error), rtol=1e-6)
    quality = read_table(registered / "quality.tsv")
    assert {row["applied"] for row in quality} == {"no"}
    for row in quality:
        assert abs(float(row["shift_x"]) - 1) < 0.3
    pages = read_table(tmp_path / LEVEL / "pages.tsv")
    assert [row["file"].rpartition("/")[2] for row in pages[:3]] == [
        frame_name(frame) for frame in range(3)
    ]
    (tmp_path / "resources/fmd/Confocal_MICE.tar").unlink()
    monkeypatch.delenv("DENOISEKIT_FMD")
    assert "Nothing to be done" in snakemake(study, scores)
    study["datasets"]["nr1"]["register"] = True
    snakemake(study, "results/tiny/registered/nr1")
    assert {row["applied"] for row in read_table(registered / "quality.tsv")} == {"yes"}


def test_networks_learn_from_the_images_they_restore_where_told(
    study, snakemake, unpacked, tmp_path, monkeypatch
):
    monkeypatch.setenv("DENOISEKIT_FMD", str(unpacked))
    study["train_sets"]["nr1"]["split"] = "test"
    header, _, tested = (tmp_path / "nr1.tsv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "nr1.tsv").write_text(f"{header}\n{tested}\n", encoding="utf-8")
    snakemake(study, "results/tiny/tables/experiments.tsv")
    (row,) = read_table(tmp_path / "results/tiny/tables/experiments.tsv")
    assert (row["train_images"], row["test_images"]) == ("3", "3")


def test_unpacked_archives_will_do(study, snakemake, unpacked, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOISEKIT_FMD", str(unpacked))
    snakemake(study, f"{LEVEL}")
    stack = tmp_path / LEVEL / "2.tif"
    for page, frame in enumerate(frames_of(unpacked, 2)[:3]):
        np.testing.assert_array_equal(read_image(stack, page=page).pixels, frame)
    assert read_image(stack, page=0).pixels.dtype == np.uint8
    assert not (tmp_path / "resources/fmd/Confocal_MICE.tar").exists()
    monkeypatch.delenv("DENOISEKIT_FMD")
    assert "Nothing to be done" in snakemake(study, LEVEL)


def test_a_field_that_lacks_a_frame_is_told(study, snakemake, unpacked, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOISEKIT_FMD", str(unpacked))
    (unpacked / "Confocal_MICE/raw/2" / frame_name(1)).unlink()
    output = snakemake(study, LEVEL, succeeds=False)
    assert "Confocal_MICE/raw/2 in " in output
    assert "must hold 3 PNG files, but holds 2; complete it" in output
    assert "Traceback" not in output
    assert not (tmp_path / LEVEL).exists()


def test_a_stack_that_the_catalogue_lacks_stops_the_plan(study, snakemake, tmp_path):
    text = (tmp_path / "nr1.tsv").read_text(encoding="utf-8")
    (tmp_path / "nr1.tsv").write_text(text.replace("raw/2.tif", "raw/3.tif"), encoding="utf-8")
    output = snakemake(study, "-n", succeeds=False)
    assert f"nr1.tsv names the file {LEVEL}/3.tif, which does not exist; its source" in output
    assert f"provides {LEVEL}/1.tif, {LEVEL}/2.tif" in output


def test_scores_stand_beside_the_printed_ones(study, snakemake, unpacked, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOISEKIT_FMD", str(unpacked))
    catalogue = yaml.safe_load((tmp_path / "fmd.yaml").read_text(encoding="utf-8"))
    catalogue["files"]["Confocal_MICE"]["fields"] = 3
    (tmp_path / "fmd.yaml").write_text(yaml.safe_dump(catalogue), encoding="utf-8")
    header, first, second = (tmp_path / "nr1.tsv").read_text(encoding="utf-8").splitlines()
    third = first.replace("field-01", "field-03").replace("/1.tif", "/3.tif")[:-1] + "3"
    (tmp_path / "nr1.tsv").write_text("\n".join([header, first, second, third]) + "\n", "utf-8")
    paper = yaml.safe_load((ROOT / "config/fmd.yaml").read_text(encoding="utf-8"))
    study["conventions"] = paper["conventions"]
    study["methods"] |= {name: paper["methods"][name] for name in ("n2v", "n2n")}
    study["networks"] = {"single": paper["networks"]["single"] | {"depth": 1, "first_filters": 4}}
    study["statistics"]["references"] = ["n2v"]
    study["published_regimes"] = {
        "table": str(ROOT / "config/published/pn2v/table1.csv"),
        "experiments": {"FMD": ["confocal-mice", "NR1"]},
    }
    snakemake(study)
    results = tmp_path / "results/tiny"
    scores = [
        float(row["value"])
        for row in read_table(results / "tables/scores.tsv")
        if (row["method"], row["metric"], row["convention"]) == ("n2n", "psnr", "fmd")
    ]
    rows = {
        (row["method"], row["convention"]): row
        for row in read_table(results / "tables/regimes.tsv")
    }
    assert {row["noise_regime"] for row in rows.values()} == {"NR1"}
    n2n = rows["n2n", "fmd"]
    assert (n2n["printed"], n2n["printed_two_sem"], n2n["frames"]) == ("38.19", "", "3")
    np.testing.assert_allclose(float(n2n["psnr"]), np.mean(scores))
    np.testing.assert_allclose(float(n2n["two_sem"]), 2 * np.std(scores, ddof=1) / 3**0.5)
    assert rows["vst-bm3d", "fmd-matlab"]["psnr"] == ""
    assert rows["gaussian", "range255"]["printed"] == ""
    text = (results / "tables/regimes.md").read_text(encoding="utf-8")
    assert "| N2V | range255 | Printed | 37.56 ± 0.02 |" in text
    assert (results / "figures/regimes.pdf").is_file()
    page = (results / "report.html").read_text(encoding="utf-8")
    for words in ("38.24 ± 0.02", "means of overlapping subsets of the same fifty", "Seconds of"):
        assert words in page
    assert "Nothing to be done" in snakemake(study)
    study["published_regimes"]["experiments"]["FMD"] = ["mice", "NR1"]
    output = snakemake(study, "-n", succeeds=False)
    assert "a data set to be compared with must be one of confocal-mice, " in output
    assert "Traceback" not in output
