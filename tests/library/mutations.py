"""Damage files of every kind that is read, and see what the readers make of them.

Usage: python tests/library/mutations.py --mutations 50000 --seed 1

Each mutation changes a whole file of one kind in one place. Allowed are what the file is worth and
one sentence (an InputError); anything else that is raised, a restored image that is not finite, and
a cut file that reads as another image are not. Prints the outcomes, and ends with 1 if one is not
allowed.
"""

import argparse
import hashlib
import json
import random
import re
import shutil
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
import yaml
from PIL import Image

from denoisekit import files, networks, yaml_files
from denoisekit.datasets import catalogues, pair_table, published
from denoisekit.errors import InputError
from denoisekit.images import reading
from denoisekit.noise import models as noise_models
from denoisekit.noise.photons import PhotonModel
from denoisekit.restoring import model_folder, weights
from denoisekit.study import check
from denoisekit.study.shipped import SHIPPED, schemas

PLANE = np.random.default_rng(0).integers(90, 300, (24, 20)).astype(np.uint16)
MOVIE = np.random.default_rng(1).integers(90, 300, (5, 24, 20)).astype(np.uint16)
HYPERSTACK = np.random.default_rng(2).integers(90, 300, (3, 2, 24, 20)).astype(np.uint16)
NETWORKS = {
    "unet": {"depth": 1, "kernel_size": 3, "first_filters": 4},
    "dncnn": {"layers": 3, "filters": 4},
    "nafnet": {"depth": 1, "blocks": 1, "first_filters": 4, "window": 8},
    "n2v-unet": {
        **{"depth": 1, "kernel_size": 3, "first_filters": 4},
        **{"blur_pool": True, "top_skip": False},
    },
}
NUMBERS = (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\1\0\0\0", b"\0\0\0\x80")
WORDS = (b"1e999", b"-1", b"1e99999999", b"nan", b"99999999999999999999", b"0:99999999999")
PARTS = (b"0", b"[1, 2]", b"{a: 1}", b"null", b"''", b"*x", b"\x1b[31m")
VALUES = (
    *({"a": 1}, 10**12, 10**6, 1e300, 2**63, -3, None, [[[[]]]], "\x1b[31mx", float("nan"), 2.5),
    *([1, 2, 3, 4], True),
)


@dataclass(frozen=True)
class Kind:
    """Whole files of a kind, how one of them is damaged, and what reads it."""

    whole: list[Path]
    damage: Callable[[Path, Path, random.Random], str]
    read: Callable[[Path], Any]


def bytes_changed(content: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Cut a file, or change, insert, take away or empty a few bytes, mostly near its ends."""
    data, how = (
        bytearray(content),
        rng.choice(["cut", "flip", "byte", "zero", "twice", "away", "number", "ones"]),
    )
    at = rng.randrange(len(data)) if rng.random() < 0.3 else int(abs(rng.gauss(0, 300)))
    at = min(at, len(data) - 1)
    at = len(data) - 1 - at if rng.random() < 0.3 else at
    match how:
        case "cut":
            del data[rng.randrange(len(data)) :]
        case "flip":
            data[at] ^= 1 << rng.randrange(8)
        case "byte":
            data[at] = rng.randrange(256)
        case "zero":
            length = min(rng.choice([2, 4, 8, 64]), len(data) - at)
            data[at : at + length] = bytes(length)
        case "twice":
            data[at:at] = data[at : at + rng.choice([1, 4, 32])]
        case "away":
            del data[at : at + rng.choice([1, 4, 32])]
        case "number":
            data[at : at + 4] = rng.choice(NUMBERS)
        case "ones":
            data[at : at + 8] = b"\xff" * 8
    return how, bytes(data)


def lines_changed(content: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Repeat, take away, swap or indent lines of a text, or put something else for a word."""
    if rng.random() < 0.3:
        return bytes_changed(content, rng)
    lines = content.split(b"\n")
    at, how = rng.randrange(len(lines)), rng.choice(["twice", "away", "swap", "indent", "word"])
    match how:
        case "twice":
            lines.insert(at, lines[at])
        case "away":
            del lines[at]
        case "swap":
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case "indent":
            lines[at] = b"  " + lines[at]
        case "word":
            words = [*re.finditer(rb"[\w.]+", lines[at])]
            if words:
                start, stop = rng.choice(words).span()
                lines[at] = lines[at][:start] + rng.choice(WORDS + PARTS) + lines[at][stop:]
    return how, b"\n".join(lines)


def value_changed(content: Any, rng: random.Random) -> tuple[str, Any]:
    """Take a value of nested mappings and lists away, or put another in its place."""
    changed = json.loads(json.dumps(content))
    places: list[tuple[Any, Any]] = []
    waiting = [changed]
    while waiting:
        part = waiting.pop()
        keys = part if isinstance(part, dict) else range(len(part))
        places += [(part, key) for key in keys]
        waiting += [part[key] for key in keys if isinstance(part[key], dict | list)]
    part, key = rng.choice(places)
    if rng.random() < 0.15:
        del part[key]
        return "away", changed
    part[key] = rng.choice(VALUES)
    return "value", changed


def images(folder: Path) -> list[Path]:
    """Write TIFFs of many kinds, and a PNG."""
    folder.mkdir()
    grey: dict[str, Any] = {"photometric": "minisblack"}
    axes = {"axes": "TCYX"}
    for name, pixels, options in (
        ("plane.tif", PLANE, {}),
        ("movie.tif", MOVIE, grey),
        ("imagej.tif", HYPERSTACK, {"imagej": True, "metadata": {**axes, "spacing": 0.3}}),
        ("named.ome.tif", HYPERSTACK, {**grey, "metadata": {**axes, "PhysicalSizeX": 0.1}}),
        ("big.tif", MOVIE, {**grey, "bigtiff": True}),
        ("deflated.tif", MOVIE, {**grey, "compression": "deflate"}),
        ("lzw.tif", MOVIE, {**grey, "compression": "lzw", "predictor": True}),
        ("tiled.tif", np.pad(PLANE, ((0, 40), (0, 44))), {"tile": (32, 32)}),
        ("rgb.tif", np.stack([PLANE.astype(np.uint8)] * 3, axis=-1), {"photometric": "rgb"}),
        ("float.tif", MOVIE.astype(np.float32), {**grey, "metadata": {"axes": "ZYX"}}),
    ):
        tifffile.imwrite(folder / name, pixels, **options)
    with tifffile.TiffWriter(folder / "pages.tif") as file:
        for plane in MOVIE:
            file.write(plane, contiguous=False, metadata=None, **grey)
    first, *others = map(Image.fromarray, MOVIE)
    first.save(folder / "pillow.tif", save_all=True, append_images=others)
    Image.fromarray(PLANE.astype(np.uint8)).save(folder / "grey.png")
    return sorted(folder.iterdir())


def read_all(path: Path) -> list[np.ndarray]:
    """Read every plane of an image."""
    with reading.opened(path) as stack:
        return [np.array(stack.read(place)) for place in stack.places(volumes=False)]


def models(folder: Path) -> list[Path]:
    """Write the folders of untrained networks."""
    units = {"noise": {"gain": 1.1, "intercept": -109.0}, "truth": {"gain": 100.0, "offset": 1.0}}
    card = {"dims": 2, "normalizer": {"low": 227.1, "high": 301.0}, "units": units, "seed": "0"}
    method = {"objective": "supervised", "loss": "laplace", "normalization": "photons"}
    for name, options in NETWORKS.items():
        place, network = folder / name, {"architecture": name, **options}
        place.mkdir(parents=True)
        built = networks.build(network, dims=2, probabilistic=name == "unet")
        weights.save_weights(place / "last.safetensors", built.state_dict())
        told = {**card, "network": network, "probabilistic": name == "unet", "method": method}
        files.write_json(place / "card.json", told)
        files.write_json(place / "prediction.json", {"weights": "last", "percentiles": [2, 99.8]})
    return sorted(folder.iterdir())


def damage_model(model: Path, target: Path, rng: random.Random) -> str:
    """Damage one of a model's files."""
    shutil.copytree(model, target)
    file = rng.choice(sorted(target.iterdir()))
    if file.suffix == ".json" and rng.random() < 0.7:
        how, changed = value_changed(files.read_json(file), rng)
        file.write_text(json.dumps(changed))
    else:
        how, content = bytes_changed(file.read_bytes(), rng)
        file.write_bytes(content)
    return f"{file.name} {how}"


def restore(model: Path) -> np.ndarray:
    """Restore an image with a model; an AssertionError if the result is not finite."""
    opened = model_folder.open(model, device="cpu", note=lambda sentence: None)
    restored = opened(PLANE.astype(np.float32))
    assert np.isfinite(restored).all(), "a restored image is not finite"
    return restored


def packages(folder: Path, model: Path) -> list[Path]:
    """Pack a model."""
    folder.mkdir()
    pack(folder / "model.zip", description(model), model)
    return [folder / "model.zip"]


def description(model: Path) -> dict[str, Any]:
    """Return what a package says of a model's files."""
    return {
        "attachments": [
            {"source": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
            for file in sorted(model.iterdir())
        ]
    }


def pack(package: Path, described: Any, model: Path) -> None:
    """Write a package with any description."""
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rdf.yaml", yaml.safe_dump(described))
        for file in model.iterdir():
            archive.write(file, file.name)


def noises(folder: Path) -> list[Path]:
    """Write a noise model of each kind."""
    folder.mkdir()
    ranges: dict[str, Any] = {"values": (80.0, 310.0), "signals": (90.0, 300.0), "origin": "pairs"}
    spread = noise_models.HistogramModel(np.full((8, 8), 1 / 230), **ranges)
    lines = np.zeros((3, 2))
    mixture = noise_models.MixtureModel(lines, lines, lines + 5, **ranges, held_out={"photon": -3})
    photon = PhotonModel(offset=90.0, gain=2.0, read_noise=1.5, spread=0.2, **ranges)
    for number, model in enumerate((spread, mixture, photon)):
        noise_models.save_noise_model(folder / f"{number}.npz", model)
    return sorted(folder.iterdir())


def damage_noise(model: Path, target: Path, rng: random.Random) -> str:
    """Damage a noise model's bytes, its card or one of its arrays."""
    if rng.random() < 0.3:
        how, content = bytes_changed(model.read_bytes(), rng)
        target.write_bytes(content)
        return how
    with np.load(model) as file:
        parts = {name: file[name] for name in file.files}
    name = rng.choice(sorted(parts))
    if name == "card":
        how, card = value_changed(json.loads(str(parts["card"])), rng)
        parts["card"] = np.array(json.dumps(card))
    else:
        array = parts[name]
        changes = {"nan": array * np.nan, "negative": -array - 1, "short": array[:1]}
        changes |= {"empty": array[:0], "text": array.astype("U8"), "infinite": array + np.inf}
        how = rng.choice(sorted(changes))
        parts[name] = changes[how]
    np.savez(target, **parts)
    return f"{name} {how}"


def likelihood(path: Path) -> np.ndarray:
    """Take the likelihood of an image by a noise model; an AssertionError if it is NaN."""
    model = noise_models.load_noise_model(path)
    noisy = PLANE.astype(float)
    found = noise_models.log_likelihood(model, noisy, noisy + 1, outside="count").per_pixel
    assert not np.isnan(found).any(), "a likelihood is NaN"
    return found


def read_study(path: Path) -> None:
    """Read a study and check it."""
    check.check(yaml_files.read_yaml(path), schemas=schemas(), file=str(path))


def read_catalogue(path: Path) -> None:
    """Read a catalogue, check it, and list its files."""
    catalogue = catalogues.read_catalogue(path)
    catalogues.check_catalogue(catalogue, schemas=schemas(), file=str(path))
    for entry in catalogues.files_of(catalogue).values():
        if entry.keys() & {"frames", "beside", "arrays"}:
            catalogues.stacks_of(entry)


def patches(folder: Path) -> list[Path]:
    """Write files of published patches, as they are and compressed."""
    folder.mkdir(parents=True)
    values = np.random.default_rng(3).standard_normal((6, 1, 3, 8, 8)).astype(np.float32)
    found = [folder / "plain.npz", folder / "packed.npz"]
    for save, path in zip((np.savez, np.savez_compressed), found, strict=True):
        save(path, X=values, Y=values[::-1])
    return found


def read_patches(path: Path) -> list[np.ndarray]:
    """Take the patches out of a file, as a study does."""
    taken = path.with_suffix(".tif")
    try:
        published.take_array(path, "X", taken, count=6, name=path.name)
        return [tifffile.imread(taken)]
    finally:
        taken.unlink(missing_ok=True)


def read_pairs(path: Path) -> None:
    """Read a pair table."""
    pair_table.parse_pairs(files.read_table(path), table=str(path))


def damage_file(change: Callable[[bytes, random.Random], tuple[str, bytes]]) -> Callable[..., str]:
    """Return what damages a file by a change of its content."""

    def damage(whole: Path, target: Path, rng: random.Random) -> str:
        """Write the damaged file."""
        how, content = change(whole.read_bytes(), rng)
        target.write_bytes(content)
        return how

    return damage


def kinds(folder: Path) -> dict[str, Kind]:
    """Return all kinds of files, written into a folder or taken from the checkout."""
    found, of_bytes, of_lines = (
        models(folder / "models"),
        *map(damage_file, (bytes_changed, lines_changed)),
    )
    unet = folder / "models" / "unet"

    def damage_package(whole: Path, target: Path, rng: random.Random) -> str:
        """Damage a package's bytes, or what it says of itself."""
        if rng.random() < 0.5:
            return of_bytes(whole, target, rng)
        how, described = value_changed(description(unet), rng)
        pack(target, described, unet)
        return f"description {how}"

    config = SHIPPED / "config"
    return {
        "image": Kind(images(folder / "images"), of_bytes, read_all),
        "model": Kind(found, damage_model, restore),
        "package": Kind(packages(folder / "packages", unet), damage_package, restore),
        "noise model": Kind(noises(folder / "noises"), damage_noise, likelihood),
        "study": Kind(sorted(config.glob("*.yaml")), of_lines, read_study),
        "catalogue": Kind(sorted(config.glob("sources/*.yaml")), of_lines, read_catalogue),
        "patches": Kind(patches(folder / "patches"), of_bytes, read_patches),
        "pair table": Kind(sorted(config.glob("pairs/*.tsv")), of_lines, read_pairs),
    }


def outcome(kind: Kind, whole: Path, damaged: Path, *, cut: bool) -> tuple[str, str]:
    """Read a damaged file, and return what came of it in a word, and the whole story."""
    try:
        value = kind.read(damaged)
    except InputError as error:
        return ("several lines", str(error)) if "\n" in str(error) else ("sentence", str(error))
    except Exception as error:
        return f"raised {type(error).__name__}", traceback.format_exc()
    if cut and isinstance(value, list):
        alike = [np.array_equal(*pair) for pair in zip(value, kind.read(whole), strict=False)]
        if not all(alike) or len(alike) != len(kind.read(whole)):
            return "another image", f"{len(value)} planes"
    return "read", ""


def run(count: int, *, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield of so many mutations the kind of file and damage, the outcome and its story."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = kinds(folder)
        for number in range(count):
            name, kind = rng.choice(sorted(known.items(), key=lambda item: item[0]))
            whole = rng.choice(kind.whole)
            damaged = folder / f"{number}{''.join(whole.suffixes)}"
            how = kind.damage(whole, damaged, rng)
            came, story = outcome(kind, whole, damaged, cut=how == "cut")
            yield f"{name} {whole.name}: {how}", came, story
            shutil.rmtree(damaged) if damaged.is_dir() else damaged.unlink()


def allowed(came: str) -> bool:
    """Say whether an outcome is one that is allowed."""
    return came in ("read", "sentence")


def main() -> int:
    """Run many mutations, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutations", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    for what, came, story in run(options.mutations, seed=options.seed):
        counts[what.split()[0], came] += 1
        if not allowed(came):
            print(f"{what}: {came}\n{story}", flush=True)
        if counts.total() % 1000 == 0:
            print(f"{counts.total()} of {options.mutations}", flush=True)
    for (kind, came), count in sorted(counts.items()):
        print(f"{kind}: {came} {count}")
    return int(any(not allowed(came) for _, came in counts))


if __name__ == "__main__":
    sys.exit(main())
