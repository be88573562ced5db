"""What a study's images are like and what a run will take, told before anything is run."""

import io
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit.cli import _show
from denoisekit.datasets import noisy_fields, pairs, registering, verdicts
from denoisekit.datasets.pair_images import read_pair
from denoisekit.datasets.pairs import Pair
from denoisekit.errors import InputError, told_of
from denoisekit.images.image import plane_of
from denoisekit.study import own as studied
from denoisekit.study.design import Study
from denoisekit.study.own import Own
from denoisekit.study.runs import Run

_SIDE_PX = 176
_MOST_SHOWN = 24
_MEASURED_STEPS = 4
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


@dataclass(frozen=True)
class Shown:
    """A pair on the page: its name and size, its pictures, and what one may doubt."""

    name: str
    split: str
    size: str
    pictures: Mapping[str, str]
    doubts: Sequence[str]


@dataclass(frozen=True)
class Looked:
    """What was found of a data set.

    Attributes
    ----------
    images, doubtful
        How many there are, and how many of them one may doubt.
    doubts
        What is wrong with pairs, by name, a sentence for each split and kind.
    noise
        What the noise is like, in sentences.
    shown
        Some of its pairs, doubtful ones first.
    """

    images: int
    doubtful: int
    doubts: Sequence[str]
    noise: Sequence[str]
    shown: Sequence[Shown]


def look(study: Study) -> None:
    """Read a study's own images, tell what is found, and leave a page of it with its results.

    Raises
    ------
    InputError
        If an image cannot be used, or most pairs of a split are unfit: then the page is there.
    """
    own = studied.find(study)
    sides = {name: _sides(name, own, study) for name in study.needed_train_sets}
    quality = {name: _quality(name, part) for name, part in own.items()}
    found = {name: _looked(name, part, quality[name], study) for name, part in own.items()}
    estimate = [*_time(study, sides), *_disk(own, study, sides)]
    rows = [
        {"data set": name, "images": one.images, "to look at": one.doubtful}
        for name, one in found.items()
    ]
    if rows:
        _show.table(rows, title="Images of the study")
    for name, one in found.items():
        print(f"Noise of {name}:", *one.noise)
    print(*estimate, sep="\n")
    for sentence in (said for one in found.values() for said in one.doubts):
        print(f"Warning: {sentence}", file=sys.stderr)
    if found:
        page = Path("results", study.config["study"], "before.html")
        _write(page, study, found, estimate)
        print(f"Look at the pairs: {page}")
    for name, part in own.items():
        if not part.entry.get("accept_pairs", False):
            verdicts.check_fit(quality[name], table=part.table)
    blank = {
        name: {row["image"] for row in rows if row["blank"] == "yes"}
        for name, rows in quality.items()
    }
    _check_apart(own, study, blank=blank)


def _quality(name: str, part: Own) -> list[dict[str, str | float]]:
    rows = []
    with _show.progress() as tell:
        for done, pair in enumerate(part.rows, start=1):
            rows.append(registering.look_at(pair, treatment=part.treatment))
            tell(f"reading {name}", done, len(part.rows))
    return rows


def _looked(name: str, part: Own, quality: Sequence[Mapping[str, Any]], study: Study) -> Looked:
    found: dict[str, list[str]] = {}
    for verdict in verdicts.judge(quality):
        kind = verdict.kind
        found.setdefault(verdict.image, []).append(f"{kind.name}: {kind.advice}")
    size = part.entry["pixel_size_um"]
    doubts = [
        *verdicts.verdict_sentences(quality, dataset=name),
        *verdicts.size_sentences(quality, dataset=name, pixel_size_um=size),
    ]
    return Looked(
        images=len(part.rows),
        doubtful=len(found),
        doubts=doubts,
        noise=_noise(part, quality, study),
        shown=[_shown(pair, part, found.get(pair.image, [])) for pair in _chosen(part.rows, found)],
    )


def _chosen(rows: Sequence[Pair], doubtful: Mapping[str, Any]) -> list[Pair]:
    """Return the pairs that the page shows: doubtful ones, and as many others as there is room."""
    first = [pair for pair in rows if pair.image in doubtful][:_MOST_SHOWN]
    others = [pair for pair in rows if pair.image not in doubtful]
    room = min(_MOST_SHOWN - len(first), len(others))
    return first + (pairs.evenly(others, room) if room else [])


def _noise(part: Own, quality: Sequence[Mapping[str, Any]], study: Study) -> list[str]:
    """Say what the noise of a data set is like, as a run measures it, or why it cannot be told."""
    from denoisekit.noise import words
    from denoisekit.noise.fields import measure_fields

    def read_low(pair: Pair) -> np.ndarray:
        return read_pair(pair, outside=part.treatment.outside)[0].pixels

    images, fields = noisy_fields.read(
        part.rows, quality, read_low=read_low, **study.measured_fields
    )
    whole = read_low(part.rows[0])
    try:
        noise = measure_fields(
            fields,
            has_pairs=any(pair.high for pair in part.split("train")),
            pixels=len(part.rows) * whole.size,
            volumes=whole.ndim == 3,
            outside=part.treatment.outside,
        )
    except InputError as error:
        return [f"It cannot be told of {', '.join(images)}: {error}"]
    return [f"Measured on {', '.join(images)}.", *words.sentences(noise.card)]


def _shown(pair: Pair, part: Own, doubts: Sequence[str]) -> Shown:
    low, high = read_pair(pair, outside=part.treatment.outside)
    exposures = {"short exposure": low, "long exposure": high}
    return Shown(
        name=pair.image,
        split=pair.split,
        size=" x ".join(map(str, low.pixels.shape)),
        pictures={
            name: _picture(image.pixels) for name, image in exposures.items() if image is not None
        },
        doubts=doubts,
    )


def _picture(pixels: np.ndarray) -> str:
    """Return the address of a small picture of an image, from its dark to its bright end."""
    from PIL import Image

    from denoisekit.evaluation.display import dark_outside, eight_bits
    from denoisekit.report.packing import Step, pack

    plane = plane_of(pixels).astype(np.float64)
    step = max(1, math.ceil(max(plane.shape) / _SIDE_PX))
    height, width = (max(1, side // step) for side in plane.shape)
    cut = plane[: height * step, : width * step]
    small = cut.reshape(height, cut.shape[0] // height, width, -1).mean(axis=(1, 3))
    small = dark_outside(small) if np.isfinite(small).any() else np.zeros_like(small)
    dark, bright = np.percentile(small, (0.1, 99.9))
    grey = eight_bits((small - dark) / max(bright - dark, np.finfo(float).tiny))
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG")
    return pack(buffer.getvalue(), Step(85)).source


def _check_apart(own: Mapping[str, Own], study: Study, *, blank: Mapping[str, Set[Any]]) -> None:
    """Raise InputError if an image to test on, or a copy of it, is trained on."""
    from denoisekit import networks
    from denoisekit.datasets import leakage

    built = (
        networks.build(network, dims=2, probabilistic=False) for network in study.trained_networks
    )
    guard = max((network.reach for network in built), default=0)
    for train, split, test in study.apart:
        if split != "train" or not {train, test} <= own.keys():
            continue
        trained, tested = own[train].split("train"), own[test].split("test")
        if not trained or not pairs.has_truth(tested):
            continue
        leakage.check_apart(trained, tested, guard_px=guard)
        images = [
            _long_exposures(own[name], [pair for pair in rows if pair.image not in blank[name]])
            for name, rows in ((train, trained), (test, tested))
        ]
        if all(images):
            with _show.progress() as tell:
                # Each image is compared coarsely and then in detail.
                report = _counted(tell, 2 * len(images[1]))
                matches = leakage.compare(*images, report=report)
            leakage.check_unlike(matches, train=train, test=test)


def _counted(tell: _show.Progress, total: int) -> Callable[[str], None]:
    """Return what tells how many of so many steps are done, whatever is said of each."""
    steps = count(1)
    return lambda line: tell("looking for copies", min(next(steps), total), total)


def _long_exposures(part: Own, rows: Sequence[Pair]) -> Mapping[str, np.ndarray]:
    """Return the long exposures of the scenes of pairs, each read when it is asked for."""
    from denoisekit.datasets.leakage import Images
    from denoisekit.images.image import projected
    from denoisekit.noise.usable import filled

    scenes = {pair.image: pair for pair in pairs.scenes(rows)}
    outside = part.treatment.outside

    def read(name: str) -> np.ndarray:
        high = read_pair(scenes[name], outside=outside)[1]
        assert high is not None
        return projected(filled(high.pixels, outside=outside, name=name))

    return Images(list(scenes), read)


def _sides(train_set: str, own: Mapping[str, Own], study: Study) -> tuple[int, ...] | None:
    """Return the sides of a train set's patches; None where its images are needed to tell them.

    Patches of stacks with a sheet are whole along z.
    """
    from denoisekit.training.patches import sides_of

    entry = study.config["train_sets"][train_set]
    dataset, asked = entry["dataset"], entry["patch_size"]
    part, in_sheets = own.get(dataset), dataset in study.sheets
    if part is None:
        simulated = study.config["datasets"][dataset].get("simulate", {})
        if in_sheets:
            return (simulated["shape"][0], asked, asked) if simulated else None
        axes = 3 if study.is_of_volumes(dataset) else 2
        given = (asked,) * axes if isinstance(asked, int) else tuple(asked)
        return None if None in given else given
    # Of each image, so that one that is smaller than a patch is told now.
    found = []
    for pair in part.split(study.split_of(train_set)):
        shape = studied.shape_of(pair)
        whole, rest = (shape[:-2], shape[-2:]) if in_sheets else ((), shape)
        found.append((*whole, *sides_of(asked, rest, name=f"The image {pair.image!r}")))
    return found[0] if found else None


def _time(study: Study, sides: Mapping[str, tuple[int, ...] | None]) -> list[str]:
    """Say how long training will take, by a few steps of each network on this machine."""
    from denoisekit.computing import describe, find_device
    from denoisekit.training import pace

    known = {name: patch for name, patch in sides.items() if patch}
    runs = [
        (run.method, *_seen(run, known[run.train_set], study))
        for run in study.networks
        if run.train_set in known
    ]
    if not runs:
        return [
            "Time: not told, since patches are as large as images that are not there yet."
            if study.networks
            else "Time: nothing is trained."
        ]
    kinds = dict.fromkeys(runs)
    seconds = {}
    with _show.progress() as tell:
        for done, (method, sides_px, stacked) in enumerate(kinds, start=1):
            settings = study.train_settings(method)
            with told_of(f"The method {method}"):
                seconds[method, sides_px, stacked] = pace.seconds_per_step(
                    settings, sides=sides_px, stacked=stacked, steps=_MEASURED_STEPS
                )
            tell("measuring steps", done, len(kinds))
    training = study.config["training"]
    steps = training["epochs"] * training["steps_per_epoch"]
    each = [steps * seconds[run] for run in runs]
    beside = 1 if find_device() == "cuda" else min(os.cpu_count() or 1, len(runs))
    least, most = min(seconds.values()), max(seconds.values())
    pace_text = f"{least:.2g}" if f"{least:.1g}" == f"{most:.1g}" else f"{least:.2g} to {most:.2g}"
    return [
        f"Time: training takes {_rounded(max(max(each), sum(each) / beside))} while the machine is "
        f"as busy as just now: {len(runs)} networks of {steps} steps, {beside} at a time, "
        f"{pace_text} s a step. That was measured just now, in {_MEASURED_STEPS} steps of each "
        f"method on patches of noise, or of a single patch where one takes "
        f"{pace.LONG_STEP} s or more ({describe(training['precision'])}).",
        "All else (registering, filters, restoring, scores, figures) is not measured here; of the "
        "quickstart it was 62 % of all processor time (docs/performance.md).",
    ]


def _seen(run: Run, patch: tuple[int, ...], study: Study) -> tuple[tuple[int, ...], int]:
    """Return the sides of what a network is given of a patch, and of how many planes it projects.

    Isotropic networks are given sections; of stacks with a sheet, others than projection networks
    are given the maximum.
    """
    if run.method in study.projecting_methods:
        return patch[-2:], patch[0]
    in_sheets = study.config["train_sets"][run.train_set]["dataset"] in study.sheets
    return patch[-2:] if in_sheets or run.method in study.isotropic_methods else patch, 1


def _rounded(seconds: float) -> str:
    """Return a duration to one digit, as it is known."""
    for unit, length in _UNITS:
        if seconds >= length:
            count = float(f"{seconds / length:.1g}")
            return f"about {count:g} {unit}{'s' * (count > 1)}"
    return "less than a minute"


def _disk(
    own: Mapping[str, Own], study: Study, sides: Mapping[str, tuple[int, ...] | None]
) -> list[str]:
    known = {name: patch for name, patch in sides.items() if patch}
    written = studied.bytes_written(own, study, sides=known)
    parts = ", ".join(f"{name} {_size(size)}" for name, size in written.items())
    others = [name for name in study.studied if name not in own]
    said = f"Disk: by the sizes of your images, {_size(sum(written.values()))} at most ({parts})."
    if not own:
        said = "Disk: not told, since no image of the study is there yet."
    elif others:
        said += f" Not counted, since their images are not there yet: {', '.join(others)}."
    return [f"{said} Networks, tables, figures and the page come on top."]


def _size(count: float) -> str:
    unit, divisor = ("GB", 1e9) if count >= 1e9 else ("MB", 1e6)
    return f"{float(f'{count / divisor:.2g}'):g} {unit}"


def _write(page: Path, study: Study, found: Mapping[str, Looked], estimate: Sequence[str]) -> None:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from denoisekit.files import write_text

    environment = Environment(
        loader=PackageLoader("denoisekit.cli"), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("before.html.j2")
    write_text(page, template.render(config=study.config, found=found, estimate=estimate))
