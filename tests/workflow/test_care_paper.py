"""CARE's own archives, tried with a few small volumes, from archive to scores."""

import io
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
import yaml
from scipy import ndimage

from denoisekit.evaluation.conventions import score_all
from denoisekit.files import read_json, read_table, write_table
from denoisekit.images.reading import read_image, read_volume
from denoisekit.restoring import model

ROOT = Path(__file__).resolve().parents[2]
STUDY = yaml.safe_load((ROOT / "config/care-paper.yaml").read_text(encoding="utf-8"))
PATCH, STACK = (12, 32, 32), (12, 48, 48)
PATCHES, PARTS = 40, 20
STACKS = {"planaria": 2, "tribolium": 2, "flywing": 2}
KEPT = ["planaria-3", "tribolium-1", "flywing-2", "liver"]
# Of which one of the kind is tried, or which need several seeds.
LEFT_OUT = ("ensemble", "nlm", "surface-nlm")


def scene(shape, seed):
    """Spots in a volume, whose brightest planes lie in its middle."""
    rng = np.random.default_rng(seed)
    spots = ndimage.gaussian_filter((rng.random(shape) < 0.01).astype(float), (1, 2, 2))
    depth = np.exp(-0.5 * ((np.arange(shape[0]) - shape[0] / 2) / 2) ** 2)
    return spots / spots.max() * (0.1 + depth[:, None, None])


def counts(volume, light, seed):
    return np.random.default_rng(seed).poisson(light * volume + 10).astype(np.uint16)


def normalised(volume):
    low, high = np.percentile(volume, (2, 99.8))
    return ((volume - low) / (high - low)).astype(np.float32)


def packed(parts):
    """The content of an npz file, of patches with an axis of channels."""
    file = io.BytesIO()
    np.savez_compressed(file, **parts, axes=np.array("SCZYX"))
    return file.getvalue()


def image(pixels):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="minisblack")
    return file.getvalue()


def of_volumes(name, seed, *, plane=False):
    """The files of an archive: patches, and stacks in three conditions and their truths."""
    patches = [scene(PATCH, seed + at) for at in range(PATCHES)]
    low = np.stack([normalised(counts(one, 20, at)) for at, one in enumerate(patches)])[:, None]
    truths = [one.max(axis=0) if plane else one for one in patches]
    high = np.stack([normalised(counts(one, 2000, at)) for at, one in enumerate(truths)])[:, None]
    files = {f"{name}/train_data/data_label.npz": packed({"X": low, "Y": high})}
    stacks = []
    for at in range(2):
        truth = scene(STACK, seed + 500 + at)
        kept = truth.max(axis=0) if plane else truth
        exposures = [counts(truth, light, at) for light in (200, 60, 20)]
        stacks.append([*exposures, counts(kept, 2000, at + 9)])
    return files, stacks, {"low": low[:, 0], "high": high[:, 0]}


def planaria():
    """Folders of conditions; a live stack has no truth, and a Mac left a file."""
    name = "Denoising_Planaria"
    files, stacks, patches = of_volumes(name, 0)
    for at, exposures in enumerate(stacks):
        levels = ("condition_1", "condition_2", "condition_3", "GT")
        for level, pixels in zip(levels, exposures, strict=True):
            files[f"{name}/test_data/{level}/EXP_m{at * 8 + 2}.tif"] = image(pixels)
    files[f"{name}/test_data/condition_3/EXP_live.tif"] = image(stacks[0][0])
    files[f"{name}/test_data/condition_3/._EXP_m2.tif"] = b"\0"
    return files, stacks, patches


def tribolium():
    """Files of four channels, the truth last."""
    name = "Denoising_Tribolium"
    files, stacks, patches = of_volumes(name, 1000)
    for at, (first, second, third, truth) in enumerate(stacks):
        files[f"{name}/test_data/nGFP_{at}.tif"] = image(np.stack([third, second, first, truth]))
    return files, stacks, patches


def flywing():
    name = "Projection_Flywing"
    files, stacks, patches = of_volumes(name, 2000, plane=True)
    for at, (*exposures, truth) in enumerate(stacks):
        for number, pixels in enumerate(exposures, start=1):
            files[f"{name}/test_data/C{number}/C{number}_T{at:03}.tif"] = image(pixels)
        files[f"{name}/test_data/PreMosa/GT/proj_C2_T{at:03}.tif"] = image(truth[None])
    return files, stacks, patches


def liver():
    volume = counts(ndimage.zoom(scene((17, 32, 32), 3000), 2, order=1), 500, 0)
    name = "Isotropic_Liver/test_data/input_subsample_1_groundtruth.tif"
    return {name: image(volume)}, [volume], {}


ARCHIVES = {
    "Denoising_Planaria": planaria(),
    "Denoising_Tribolium": tribolium(),
    "Projection_Flywing": flywing(),
    "Isotropic_Liver": liver(),
}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """A folder with the four archives."""
    folder = tmp_path_factory.mktemp("care")
    for name, (files, *_) in ARCHIVES.items():
        with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as archive:
            for file, content in {f"{name}/Readme.md": b"-", **files}.items():
                entry = tarfile.TarInfo(f"./{file}" if name == "Isotropic_Liver" else file)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return folder


def cut_catalogue(name, folder):
    """Write a catalogue with as many patches and stacks as the small archives have."""
    path = Path(STUDY["sources"][name]["catalogue"])
    catalogue = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    for file, entry in catalogue["files"].items():
        entry.pop("sha256", None)
        if "count" in entry:
            entry["count"] = PATCHES if "arrays" in entry else STACKS[file]
    (folder / path.name).write_text(yaml.safe_dump(catalogue), encoding="utf-8")
    return path.name


def cut_table(path, folder):
    """Write a pair table with as many rows."""
    rows = read_table(ROOT / path)
    if "page" in rows[0]:
        each = PATCHES // PARTS
        rows = [row | {"page": f"{at * each}:{(at + 1) * each}"} for at, row in enumerate(rows)]
    else:
        rows = rows[:2]
        for row in rows:
            for exposure in row.keys() & {"low", "high"}:
                row[exposure] = re.sub(r"/0(\d\.tif)$", r"/\1", row[exposure])
    write_table(folder / Path(path).name, rows)
    return Path(path).name


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The study of the paper, of one condition each, with small networks of one seed."""
    monkeypatch.delenv("DENOISEKIT_CARE", raising=False)
    study = {key: value for key, value in STUDY.items() if key != "published"}
    study["sources"] = {
        name: source | {"catalogue": cut_catalogue(name, tmp_path)}
        for name, source in STUDY["sources"].items()
    }
    study["experiments"] = {
        name: entry | {"methods": [one for one in entry["methods"] if one not in LEFT_OUT]}
        for name, entry in STUDY["experiments"].items()
        if name in KEPT
    }
    study["methods"] = {n: one for n, one in STUDY["methods"].items() if n not in LEFT_OUT}
    tested = [study["experiments"][name]["test_set"] for name in KEPT]
    study["test_sets"] = {name: STUDY["test_sets"][name] for name in tested}
    study["datasets"] = {
        name: entry | ({"pairs": cut_table(entry["pairs"], tmp_path)} if "pairs" in entry else {})
        for name, entry in STUDY["datasets"].items()
        if not name[-1].isdigit() or name in KEPT
    }
    small = {"depth": 1, "kernel_size": 3, "first_filters": 2}
    study["networks"] = {name: entry | small for name, entry in STUDY["networks"].items()}
    study["networks"]["sheets"] |= {"projection_depth": 1, "projection_filters": 2}
    sides = {"liver": [1, 24, 24], "flywing": 32}
    study["train_sets"] = {
        name: entry | {"patch_size": sides.get(name, list(PATCH))}
        for name, entry in STUDY["train_sets"].items()
    }
    study["seeds"] = [0]
    study["patches"] = STUDY["patches"] | {"per_image": 8}
    study["training"] = STUDY["training"] | {"epochs": 1, "steps_per_epoch": 2, "batch_size": 2}
    return study


def test_from_archives_to_scores(study, snakemake, archives, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOISEKIT_CARE", str(archives))
    tables = tmp_path / "results/care-paper/tables"
    trained = tmp_path / "results/care-paper/models/planaria/care/seed0"
    targets = [
        "results/care-paper/tables/scores.tsv",
        str((trained / "validation.tsv").relative_to(tmp_path)),
    ]
    snakemake(study, *targets)
    for name, source in (("planaria", "care"), ("tribolium", "care"), ("flywing", "care-by-hand")):
        archive = next(key for key in ARCHIVES if key.lower().endswith(name))
        _, stacks, patches = ARCHIVES[archive]
        target = "stacks" if name == "flywing" else ""
        for exposure, expected in patches.items():
            # What is trained on are the patches as they were published, each once.
            found = np.load(
                tmp_path / f"results/care-paper/patches/{name}" / target / f"{exposure}.npy"
            )
            np.testing.assert_array_equal(found, expected)
        rows = read_table(
            tmp_path / f"results/care-paper/patches/{name}" / target / "positions.tsv"
        )
        assert [row["subset"] for row in rows].count("validation") == PATCHES // PARTS
        (tested,) = (one for one in KEPT if one.startswith(name))
        condition = int(tested[-1])
        levels = [f"C{condition}" if name == "flywing" else f"condition_{condition}", "GT"]
        for at, exposures in enumerate(stacks):
            for level, pixels in zip(
                levels, (exposures[condition - 1], exposures[-1]), strict=True
            ):
                file = tmp_path / "resources" / source / name / level / f"{at + 1}.tif"
                read = read_image if pixels.ndim == 2 else read_volume
                np.testing.assert_array_equal(read(file).pixels, pixels)
    # Whether a patch shows an image to test on cannot be told, and is not said to be proved.
    apart = read_table(tmp_path / "results/care-paper/checks/apart.tsv")
    assert {(row["train"], row["resemblance"]) for row in apart} == {
        (name, "") for name in ("planaria", "tribolium", "flywing", "liver-sparse")
    }
    listed = read_table(tmp_path / "resources/care/planaria/condition_3/files.tsv")
    # m2 before m10, and no stack without a truth.
    assert [Path(row["file"]).name for row in listed] == ["EXP_m2.tif", "EXP_m10.tif"]
    # Nor are patches that are kept from training normalised once more.
    registered = tmp_path / "results/care-paper/registered/planaria"
    card = read_json(trained / "card.json")
    network = model.load(trained / "best.safetensors", card).network
    for row in read_table(trained / "validation.tsv"):
        if row["method"] == "care":
            low, high = (
                read_volume(registered / one / f"{row['image']}.tif").pixels
                for one in ("low", "high")
            )
            with torch.inference_mode():
                mean = network(torch.from_numpy(low)[None, None])[0, 0].numpy()
            psnr = score_all(high, mean, low=low, conventions=["care"])["care"]["psnr"]
            assert float(row["psnr"]) == pytest.approx(psnr, abs=0.02)
    found = {(row["test_set"], row["method"]) for row in read_table(tables / "scores.tsv")}
    assert found == {
        (entry["test_set"], method)
        for entry in study["experiments"].values()
        for method in entry["methods"]
    }
    monkeypatch.delenv("DENOISEKIT_CARE")
    assert "Nothing to be done" in snakemake(study, "results/care-paper/tables/scores.tsv")


def test_unpacked_archives_and_what_they_lack(study, snakemake, archives, tmp_path, monkeypatch):
    folder = tmp_path / "unpacked"
    for name in ("Denoising_Planaria", "Denoising_Tribolium"):
        with tarfile.open(archives / f"{name}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    monkeypatch.setenv("DENOISEKIT_CARE", str(folder))
    level, patches = "resources/care/tribolium/condition_2", "resources/care/planaria-patches"
    snakemake(study, level, patches)
    volume = ARCHIVES["Denoising_Tribolium"][1][1][1]
    np.testing.assert_array_equal(read_volume(tmp_path / level / "2.tif").pixels, volume)
    assert not list((tmp_path / "resources/care").glob("*.tar.gz"))
    truth = folder / "Denoising_Planaria/test_data/GT"
    (truth / "EXP_m2.tif").unlink()
    said = snakemake(study, "resources/care/planaria/GT", succeeds=False)
    assert "holds 1 files whose names go together (1 of Denoising_Planaria/test_data/GT" in said
    assert "but the catalogue says 2; complete it, or correct the catalogue and the pair" in said
    assert "Traceback" not in said
