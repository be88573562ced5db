"""A page of a study that is not finished: which networks, images and scores are there so far.

It is made of what is finished and current, lies beside the study's page, and nothing reads it.
"""

import base64
import html
import json
import struct
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit import files
from denoisekit.datasets.registered import read_exposure, read_restored, registered_pairs
from denoisekit.errors import InputError
from denoisekit.images.image import plane_of
from denoisekit.study.design import Study
from denoisekit.study.runs import Run

NAME = "unfinished.html"
_METRICS = ("psnr", "ssim")
_SIDE_PX = 224
_MOST_PICTURES = 120
_CURVE = (120, 32)
# What reading a file that is half there, or of another version, may raise.
_UNREADABLE = (InputError, OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration)
_NEEDED = {"seconds", "validation_loss"}
_PLANNED = ("no update", "update pending")
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 0 1rem 2rem;
  overflow-wrap: anywhere; border: solid #c50; border-width: 0 .5rem; }
header { background: repeating-linear-gradient(135deg, #fc6 0 1rem, #fb4 1rem 2rem); color: #000;
  margin: 0 -1rem; padding: .5rem 1rem; print-color-adjust: exact; }
header h1 { font-size: 1.4rem; margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { overflow-wrap: normal; padding: .2rem .6rem .2rem 0; text-align: left;
  border-bottom: 1px solid #8884; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; }
figure { margin: 0; width: 224px; max-width: 46%; break-inside: avoid; }
img { width: 100%; display: block; }
"""


@dataclass(frozen=True)
class Counted:
    """How many of some files are finished and current, of how many that a study asks for."""

    done: int
    asked: int
    kind: str

    @property
    def text(self) -> str:
        """The count in words: ``5 of 15 networks``."""
        return f"{self.done} of {self.asked} {self.kind}"


def parse_summary(text: str) -> dict[str, bool]:
    """Return which files are current, by path, as ``snakemake --summary`` tells it."""
    rows = (line.split("\t") for line in text.splitlines())
    return {row[0]: row[-1] == _PLANNED[0] for row in rows if row[-1] in _PLANNED}


def count(results: Path, current: Mapping[str, bool]) -> list[Counted]:
    """Count networks, restored sets and scored sets.

    Parameters
    ----------
    results
        The study's folder of results.
    current
        Of every file that a run of the whole study makes, as Snakemake names it, whether it is
        there and as the study asks for it now.
    """
    patterns = {
        "networks": "models/*/*/*/card.json",
        "restored sets": "restored/*/*",
        "scored sets": "scores/*/*.tsv",
    }
    found = []
    for kind, pattern in patterns.items():
        matching = [
            done for path, done in current.items() if Path(path).match(f"{results}/{pattern}")
        ]
        found.append(Counted(sum(matching), len(matching), kind))
    return [one for one in found if one.asked]


def is_whole(results: Path, current: Mapping[str, bool]) -> bool:
    """Say whether the study's own page is there and current."""
    return current.get(str(results / "report.html"), False)


def write(study: Study, results: Path, current: Mapping[str, bool]) -> list[str]:
    """Write the page of what is there so far, or take it away where the study's own is there.

    Parameters
    ----------
    study
        As its file has it now.
    results, current
        As `count` takes them.

    Returns
    -------
    list of str
        What to tell; nothing where the study's page is there or was not to be made.
    """
    page = results / NAME
    if str(results / "report.html") not in current:
        return []
    if is_whole(results, current):
        page.unlink(missing_ok=True)
        return []
    counts = count(results, current)
    told = f"Unfinished: {', '.join(one.text for one in counts) or 'nothing is there yet'}."
    known = {path for path, done in current.items() if done}
    files.write_text(page, _page(study, results, known, told))
    return [told, f"What is there so far: {page}"]


def _page(study: Study, results: Path, known: set[str], told: str) -> str:
    title = html.escape(study.config["title"])
    earlier = (
        "<p>The <code>report.html</code> beside this page is of an earlier run, and not of the "
        "study as it is now.</p>"
        if (results / "report.html").is_file()
        else ""
    )
    parts = [
        ("Networks", _networks(study, results, known)),
        ("Mean scores so far", _scores(study, results, known)),
        ("Images", _images(study, results, known)),
    ]
    sections = "".join(f"<h2>{name}</h2>\n{body}\n" for name, body in parts if body)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{html.escape(told)} {title}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{html.escape(told)}</h1>
<p>This is not the page of the study <em>{html.escape(study.config["study"])}</em>. It names no
method: what is not there yet may change every order below, and nothing is tested.</p>
</header>
<p>{title}. Written {time.strftime("%Y-%m-%d %H:%M")}. Only what is finished, and is as the study's
file asks for it now, is counted and shown. The same command goes on where it stopped.</p>
{earlier}
{sections}
</body>
</html>
"""


def _networks(study: Study, results: Path, known: set[str]) -> str:
    rows = []
    for run in study.networks:
        folder = f"{run.train_set}/{run.method}/seed{run.seed}"
        state, history = _training(study, results, folder, known)
        kept = _kept(results / f"models/{folder}/validation.tsv", run.method, known)
        minutes = f"{history[-1]['seconds'] / 60:.1f}" if history else ""
        losses = [row["validation_loss"] for row in history]
        told = [run.train_set, run.method, str(run.seed), state, minutes, *kept]
        rows.append([*map(_cell, told), f"<td>{_curve(losses)}</td>"])
    if not rows:
        return ""
    heads = ["Train set", "Method", "Seed", "State", "Minutes"]
    heads += ["PSNR on kept images", "Best filter there", "Validation loss"]
    note = (
        "<p>Kept images are those kept from training, not the ones to test on. Each curve has a "
        "scale of its own, from the first epoch to the last so far.</p>"
    )
    return _table(heads, rows) + note


def _training(
    study: Study, results: Path, folder: str, known: set[str]
) -> tuple[str, list[dict[str, float]]]:
    """Say how far a training is, and return its history as far as it can be read."""
    training = study.config["training"]
    steps = training["epochs"] * training["steps_per_epoch"]
    table = results / f"models/{folder}/history.tsv"
    if str(table.with_name("card.json")) in known:
        try:
            rows = [{key: float(row[key]) for key in row} for row in files.read_table(table)]
            if not rows or not rows[0].keys() >= _NEEDED:
                raise KeyError("validation_loss")
            return "trained", rows
        except _UNREADABLE:
            return "trained, its history cannot be read", []
    try:
        history = _checkpoint(results / f"checkpoints/{folder}/state.safetensors")
        return f"begun: {int(history[-1]['step'])} of {steps} steps are kept", history
    except FileNotFoundError:
        return "to be trained", []
    except (*_UNREADABLE, struct.error, IndexError):
        return "begun; what is kept cannot be read", []


def _checkpoint(path: Path) -> list[dict[str, float]]:
    """Read the history in the state of a training, by the head of the safetensors file alone."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        if size > path.stat().st_size:
            raise ValueError("cut short")
        head = json.loads(file.read(size))
    return list(json.loads(head["__metadata__"]["facts"])["history"])


def _kept(path: Path, method: str, known: set[str]) -> list[str]:
    """Return the mean PSNR of a network and of the best filter on images kept from training."""
    if str(path) not in known:
        return ["", ""]
    try:
        means = _means((row["method"], row["psnr"]) for row in files.read_table(path))
        own = means.pop(method)
        return [f"{own:.2f}", f"{max(means.values()):.2f}" if means else ""]
    except _UNREADABLE:
        return ["cannot be read", ""]


def _means(values: Iterable[tuple[Any, str]]) -> dict[Any, float]:
    found: dict[Any, list[float]] = {}
    for key, value in values:
        found.setdefault(key, []).append(float(value))
    return {key: float(np.nanmean(given)) for key, given in found.items()}


def _scores(study: Study, results: Path, known: set[str]) -> str:
    convention = study.config["conventions"][0]
    said = []
    for name, entry in study.config["experiments"].items():
        rows = []
        runs: dict[str, list[str]] = {}
        for run in study.runs_of(name):
            runs.setdefault(Run.parse(run).method, []).append(run)
        for method, own in runs.items():
            paths = [results / f"scores/{entry['test_set']}/{run}.tsv" for run in own]
            there = [path for path in paths if str(path) in known]
            if there:
                state = f"{len(there)} of {len(own)}"
                rows.append([method, state, *_averaged(there, convention)])
        if rows:
            described = html.escape(f"{name}: {entry['description']}")
            heads = ["Method", "Runs", "Images", "PSNR", "SSIM"]
            said.append(f"<h3>{described}</h3>{_table(heads, [map(_cell, row) for row in rows])}")
    if not said:
        return ""
    note = f"<p>In the score convention '{html.escape(convention)}'; one run per seed.</p>"
    return note + "\n".join(said)


def _averaged(paths: Sequence[Path], convention: str) -> list[str]:
    """Return the number of images and the mean of each metric, over images and runs."""
    try:
        rows = [
            row
            for path in paths
            for row in files.read_table(path)
            if row["convention"] == convention and row["metric"] in _METRICS
        ]
        means = _means((row["metric"], row["value"]) for row in rows)
        images = len({row["image"] for row in rows})
    except _UNREADABLE:
        return ["cannot be read", "", ""]
    digits = {"psnr": 2, "ssim": 3}
    shown = [f"{means[name]:.{digits[name]}f}" if name in means else "" for name in _METRICS]
    return [str(images), *shown]


def _images(study: Study, results: Path, known: set[str]) -> str:
    said, drawn = [], 0
    for name, entry in study.config["experiments"].items():
        pictures = _pictures(study, results, known, name) if drawn < _MOST_PICTURES else []
        drawn += len(pictures)
        if pictures:
            described = html.escape(f"{name}: {entry['description']}")
            said.append(f'<h3>{described}</h3>\n<div class="pictures">{"".join(pictures)}</div>')
    if not said:
        return ""
    left_out = (
        f"<p>Experiments beyond {_MOST_PICTURES} pictures are left out.</p>"
        if drawn >= _MOST_PICTURES
        else ""
    )
    return (
        "<p>The middle of the first image to test on, of a volume of its middle plane, which need "
        "not be typical; of one run of each method. Each picture reaches from its own darkest to "
        "its brightest value (0.1 and 99.9 percentile), so that brightness cannot be compared.</p>"
        + "\n".join(said)
        + left_out
    )


def _pictures(study: Study, results: Path, known: set[str], experiment: str) -> list[str]:
    """Return the figures of an experiment; none of what is not there or cannot be read."""
    test_set = study.config["experiments"][experiment]["test_set"]
    dataset = study.tested(test_set)
    registered = results / f"registered/{dataset}"
    if str(registered) not in known:
        return []
    try:
        pair = registered_pairs(registered, split="test")[0]
    except _UNREADABLE:
        return []
    shown = {"noisy input": partial(read_exposure, registered, pair.image, "low")}
    for method, run in study.shown_runs(experiment).items():
        folder = results / f"restored/{test_set}/{run}"
        if str(folder) in known and method != "noisy":
            shown[method] = partial(read_restored, registered, folder, pair.image)
    if pair.high:
        shown["long exposure"] = partial(read_exposure, registered, pair.image, "high")
    found = []
    for label, read in shown.items():
        try:
            source = _png(plane_of(read().pixels))
        except _UNREADABLE:
            continue
        text = html.escape(label)
        picture = f'<img src="{source}" alt="{text}">'
        found.append(f"<figure>{picture}<figcaption>{text}</figcaption></figure>")
    return found


def _png(pixels: np.ndarray) -> str:
    """Return the address of a grey picture (PNG) of the middle of an image, (Y, X)."""
    top, left = (max(0, (side - _SIDE_PX) // 2) for side in pixels.shape)
    cut = pixels[top : top + _SIDE_PX, left : left + _SIDE_PX].astype(np.float64)
    dark, bright = np.nanpercentile(cut, (0.1, 99.9))
    grey = np.nan_to_num((cut - dark) / max(bright - dark, np.finfo(float).tiny))
    rows = (np.clip(grey, 0, 1) * 255).round().astype(np.uint8)
    height, width = rows.shape
    # Each row begins with the kind of its filter, none.
    raw = np.pad(rows, ((0, 0), (1, 0))).tobytes()
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    packed = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + packed).decode()


def _curve(losses: Sequence[float]) -> str:
    """Return a small line of values, as SVG; nothing of fewer than two finite ones."""
    values = np.asarray(losses, float)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return ""
    width, height = _CURVE
    across = np.linspace(1, width - 1, len(values))
    down = height - 1 - (height - 2) * (values - values.min()) / max(np.ptp(values), 1e-300)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    label = f"from {values[0]:.3g} to {values[-1]:.3g}"
    return (
        f'<svg width="{width}" height="{height}" role="img" aria-label="{label}"><polyline '
        f'points="{points}" fill="none" stroke="currentColor"/></svg> {label}'
    )


def _cell(text: str) -> str:
    number = text.replace(".", "", 1).lstrip("-").isdigit()
    kind = ' class="number"' if number else ""
    return f"<td{kind}>{html.escape(text)}</td>"


def _table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll">{table}</div>'
