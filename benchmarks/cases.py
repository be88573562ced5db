"""The cases that are measured: each returns the seconds of one unit of work and what it was."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
import yaml
from machine import DEVICE, timed
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from denoisekit import files, filters, losses, networks
from denoisekit.computing import computing, number_type, seed_everything
from denoisekit.evaluation import conventions
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_image
from denoisekit.restoring import inference
from denoisekit.streaming import in_order
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

ROOT = Path(__file__).resolve().parents[1]
PAPER = {"architecture": "unet", "depth": 2, "kernel_size": 5, "first_filters": 32}
SIDE = 2048
STEPS = {"cpu": 12, "cuda": 400}
Case = tuple[str, Callable[..., dict[str, Any]], dict[str, Any]]


def all_cases() -> Iterator[Case]:
    """Yield all cases: name, function and options."""
    for precision in ("full", "mixed"):
        yield f"train, patches of 64, {precision}", train, {"precision": precision}
    for side in (32, 128):
        yield (
            f"train, patches of {side}, mixed",
            train,
            {"precision": "mixed", "patch": (side, side)},
        )
    for loss in ("fft", "bandpass"):
        yield f"train, patches of 64, mixed, {loss}", train, {"precision": "mixed", "loss": loss}
    for precision in ("full", "mixed"):
        for tile in (512, SIDE):
            options = {"precision": precision, "tile": tile}
            yield f"restore {SIDE}, tiles of {tile}, {precision}", restore, options
    for side in (512, 1024):
        options = {"precision": "mixed", "tile": 512, "shape": (side, side)}
        yield f"restore {side}, tiles of 512, mixed", restore, options
    yield "restore a movie of 200 frames of 512, mixed", movie, {}
    volumes = {"precision": "mixed", "loss": "mae"}
    yield (
        "train, patches of 16 x 64 x 64, mixed",
        train,
        {**volumes, "patch": (16, 64, 64), "batch": 4},
    )
    options = {"precision": "mixed", "tile": (None, 256, 256), "shape": (100, 1024, 1024)}
    yield "restore 100 x 1024 x 1024, mixed", restore, options
    for name in ("gaussian", "tv", "nlm"):
        yield f"filter {SIDE}, {name}, one thread", filter_images, {"name": name, "threads": 1}
        yield f"filter {SIDE}, {name}, two threads", filter_images, {"name": name, "threads": 2}
    for threads in (1, 2):
        yield f"score {SIDE} in 'care', {threads} thread(s)", score_images, {"threads": threads}
    yield "import denoisekit", import_library, {}
    for pairs, methods in ((1_000, 4), (1_000, 8), (17_568, 8)):
        yield f"plan {pairs} pairs x {methods} methods", plan, {"pairs": pairs, "methods": methods}
    yield "run a finished study again", run_again, {}


def train(
    *, precision: str, patch: tuple[int, ...] = (64, 64), batch: int = 16, loss: str = "laplace"
) -> dict[str, Any]:
    """Train the paper's network, or CARE's of volumes, and give the time of one step."""
    options = {"bandpass": {"low_sigma": 0.5, "high_sigma": 5.0}}.get(loss, {})
    function, steps = losses.get(loss, options), STEPS[DEVICE]
    network = _network(dims=len(patch), probabilistic=function.probabilistic)
    patches = PatchPairs(*_images((2, 4 * batch, *patch)))
    ends: list[float] = []
    loop.train(
        network,
        Supervised(function),
        patches,
        PatchPairs(patches.low[:batch], patches.high[:batch]),
        settings=Settings(
            epochs=4,
            steps_per_epoch=steps,
            batch_size=batch,
            learning_rate=4e-4,
            schedule={"name": "plateau", "factor": 0.5, "patience": 10},
            augment=False,
            precision=precision,
        ),
        seed=0,
        device=DEVICE,
        report=lambda _: ends.append(time.perf_counter()),
    )
    low, high = (
        torch.from_numpy(part[:batch])[:, None].to(DEVICE) for part in (patches.low, patches.high)
    )

    def step() -> None:
        with computing(precision, device=DEVICE, training=True):
            restored = network(low)
        function.function(restored, high).backward()

    seconds = median(np.diff(ends)) / steps
    return {
        "seconds": seconds,
        "count": 1,
        "unit": "steps",
        **_counted(step, precision, training=True),
    }


def restore(
    *, precision: str, tile: inference.TileSize, shape: tuple[int, ...] = (SIDE, SIDE)
) -> dict[str, Any]:
    """Restore one image, or one volume, from counts to counts."""
    planar = len(shape) == 2
    network, image = _network(dims=len(shape), probabilistic=planar), _images(shape)
    options = {"percentiles": (2, 99.8), "precision": precision, "device": DEVICE, "name": "image"}

    def work() -> None:
        inference.restore(network, image, tile=tile, **options)

    seconds = timed(work, repeats=3 if planar else 1)
    counted = _counted(work, precision, training=False) if planar else {}
    return {"seconds": seconds, "count": 1, "unit": "images", **counted}


def movie() -> dict[str, Any]:
    """Restore a movie from file to file, reading ahead and writing behind."""
    network, frame = _network(dims=2, probabilistic=True), _images((512, 512))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.tif") for number in range(200)]
        for path in paths:
            write_image(path, frame, pixel_size_um=None)
        start = time.perf_counter()

        def restored() -> Iterator[tuple[Path, np.ndarray]]:
            for path, image in in_order(lambda path: (path, read_image(path)), paths, threads=1):
                yield (
                    path,
                    inference.restore(
                        network,
                        image.pixels,
                        percentiles=(2, 99.8),
                        tile=512,
                        precision="mixed",
                        device=DEVICE,
                        name=path.name,
                    ).mean,
                )

        def write(item: tuple[Path, np.ndarray]) -> None:
            write_image(item[0].with_suffix(".restored.tif"), item[1], pixel_size_um=None)

        for _ in in_order(write, restored(), threads=1):
            pass
        return {"seconds": time.perf_counter() - start, "count": len(paths), "unit": "frames"}


def filter_images(*, name: str, threads: int) -> dict[str, Any]:
    """Restore images with a filter that chooses its own strength."""
    options = {"nlm": {"patch_size": 5, "patch_distance": 6}}.get(name, {})
    work, images = filters.get(name), _images((threads, SIDE, SIDE))

    def restore_all() -> None:
        list(in_order(lambda image: work(image, **options), images, threads=threads))

    return {"seconds": timed(restore_all, repeats=1), "count": threads, "unit": "images"}


def score_images(*, threads: int) -> dict[str, Any]:
    """Score images by PSNR, SSIM, MS-SSIM and NRMSE."""
    truth, images = _images((1, SIDE, SIDE))[0], _images((threads, SIDE, SIDE))

    def score_all() -> None:
        list(
            in_order(
                lambda image: conventions.score_all(truth, image, low=image, conventions=["care"]),
                images,
                threads=threads,
            )
        )

    return {"seconds": timed(score_all, repeats=2), "count": threads, "unit": "images"}


def import_library() -> dict[str, Any]:
    """Import the library in a fresh Python, less the time that Python itself takes to start."""
    whole, bare = (
        timed(lambda code=code: subprocess.run([sys.executable, "-c", code], check=True), repeats=5)
        for code in ("import denoisekit", "pass")
    )
    return {"seconds": whole - bare}


def plan(*, pairs: int, methods: int) -> dict[str, Any]:
    """Plan a study of many pairs and some methods in Snakemake, without running it."""
    with tempfile.TemporaryDirectory() as folder:
        image = np.zeros((64, 64), np.uint16)
        write_image(Path(folder, "frame.tif"), image, pixel_size_um=None)
        rows = []
        for number in range(pairs):
            row = {"image": f"image-{number}", "split": "test" if number % 8 == 0 else "train"}
            for exposure in ("low", "high"):
                row[exposure] = f"{exposure}-{number}.tif"
                Path(folder, row[exposure]).hardlink_to(Path(folder, "frame.tif"))
            rows.append(row)
        files.write_table(Path(folder, "pairs.tsv"), rows)
        study = yaml.safe_load((ROOT / "config" / "quickstart.yaml").read_text())
        study["datasets"] = {"many": {"pairs": "pairs.tsv", "pixel_size_um": 0.1}}
        study["train_sets"] = {"many": {"dataset": "many", "patch_size": 64}}
        study["test_sets"] = {"many": {"dataset": "many"}}
        study["experiments"] = {
            "X": {"train_set": "many", "test_set": "many", "description": "Many pairs"}
        }
        study["methods"]["mae"] = {**study["methods"]["fft"], "loss": "mae"}
        study["methods"] = dict(list(study["methods"].items())[:methods])
        study["statistics"]["references"] = ["noisy"]
        study["statistics"]["family"] |= {"experiments": "all", "methods": "networks"}
        del study["published"]
        return {**_snakemake(study, folder, "--dry-run"), "count": pairs, "unit": "pairs"}


def run_again() -> dict[str, Any]:
    """Run the tests' tiny study, and then once more, which is what counts."""
    with tempfile.TemporaryDirectory() as folder:
        study = yaml.safe_load((ROOT / "tests" / "workflow" / "tiny.yaml").read_text())
        del study["published"]
        _snakemake(study, folder)
        return _snakemake(study, folder)


def _snakemake(study: dict[str, Any], folder: str, *options: str) -> dict[str, Any]:
    """Run Snakemake on a study in a folder, and return its seconds and its peak memory."""
    Path(folder, "study.yaml").write_text(yaml.safe_dump(study))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", folder, "--configfile", "study.yaml", "--cores", "all", *options]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    seconds = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return {"seconds": seconds, "peak_mb": peak_mb}


def _network(*, dims: int, probabilistic: bool) -> torch.nn.Module:
    seed_everything(0, threads=torch.get_num_threads())
    settings = PAPER if dims == 2 else {**PAPER, "kernel_size": 3}
    return networks.build(settings, dims=dims, probabilistic=probabilistic).to(DEVICE)


def _images(shape: tuple[int, ...]) -> np.ndarray:
    """Return images of blobs with noise, about 100 to 300."""
    rng = np.random.default_rng(0)
    coarse = rng.random((*shape[:-2], shape[-2] // 16, shape[-1] // 16))
    blobs = coarse.repeat(16, -2).repeat(16, -1)
    return (100 + 100 * blobs + rng.normal(0, 20, shape)).astype(np.float32)


def _counted(work: Callable[[], None], precision: str, *, training: bool) -> dict[str, Any]:
    """Count the floating-point operations of some work, and the bytes its operators move."""
    with FlopCounterMode(display=False) as flops, _Bytes() as moved:
        work()
    computed_in = number_type(precision, device=DEVICE, training=training)
    return {"flops": flops.get_total_flops(), "bytes": moved.total, "computed_in": computed_in}


class _Bytes(TorchDispatchMode):
    """Adds up the bytes of the tensors that operators take and give, but for views of others."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if not function.is_view:
            for leaf in tree_leaves((args, kwargs, result)):
                self.total += leaf.nbytes if isinstance(leaf, torch.Tensor) else 0
        return result
