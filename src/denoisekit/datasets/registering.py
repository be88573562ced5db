"""Register pairs: lay each on the other, and leave a folder of images and tables.

`denoisekit.datasets.registered` says what the folder holds, and reads it.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from denoisekit.datasets import registration
from denoisekit.datasets.kinship import measure_kinship
from denoisekit.datasets.pair_images import read_pair, stack_of
from denoisekit.datasets.pairs import Pair, region_text, safe_name
from denoisekit.datasets.registered import registered_row
from denoisekit.datasets.registration import Shift
from denoisekit.errors import InputError, told_of
from denoisekit.files import write_table
from denoisekit.images.image import Image, pixels_sha256, projected, write_image
from denoisekit.images.stacks import Stack, created
from denoisekit.noise.usable import filled, find, is_blank, repaired, without_points

# The window of SSIM, without which nothing is scored, is as deep.
FEWEST_SCORED_PLANES = 11
# Of real volumes of few photons, nearly all of the mean along z is structure.
_LEAST_SIGNAL = 0.1
Report = Callable[..., object]
Shifts = dict[str, Shift | None]
Area = tuple[slice, ...]


@dataclass(frozen=True)
class Treatment:
    """How the images of a data set are taken.

    Attributes
    ----------
    apply
        Whether displacements that are significant are applied; they are measured in any case.
    blank
        What becomes of an image that has one value everywhere, in either exposure: ``pass`` it
        through as it is, neither trained on nor scored, ``skip`` it or ``stop``.
    outside
        Values of pixels outside of the field, as `denoisekit.noise.usable.find` takes them.
    repair
        Whether hot and dead pixels are replaced.
    alike
        Whether one microscope took both exposures, so that their noise can be compared.
    """

    apply: bool = True
    blank: str = "pass"
    outside: Sequence[float | str] | None = None
    repair: bool = False
    alike: bool = True


def register(
    rows: Sequence[Pair], folder: str | Path, *, treatment: Treatment, report: Report
) -> list[dict[str, str | float]]:
    """Register pairs, and write them with their tables into a folder.

    Every image is read once before anything is written, so that a mistake is known at once.

    Parameters
    ----------
    rows
        Of a pair table, in its order.
    folder
        Where to.
    treatment
        How they are taken.
    report
        Is told what is done, and ``at_once=True`` with what a person should see.

    Returns
    -------
    list
        The rows of ``quality.tsv``.

    Raises
    ------
    InputError
        If an image cannot be read or is blank where that is to stop, or if nothing is left.
    """
    folder = Path(folder)
    shifts: Shifts = {}
    kept = []
    # From the last page, so that a stack that is too short is known at once.
    backwards = sorted(rows, key=lambda pair: pair.page or 0, reverse=True)
    for number, pair in enumerate(backwards, start=1):
        report(f"reading {pair.image}, {number} of {len(rows)}")
        low, high = read_pair(pair, outside=treatment.outside)
        _check_depth(pair, low)
        reason = _blankness(pair, low, high, treatment)
        if reason and treatment.blank == "stop":
            raise InputError(
                f"{reason}: it can be neither trained on nor scored. Leave it out, or set 'blank' "
                "of the data set to pass or skip."
            )
        if reason:
            skipped = treatment.blank == "skip"
            done = "left out" if skipped else "passed through as it is, not scored"
            report(f"warning: {reason}: it is {done}", at_once=True)
        shifts[pair.image] = None if high is None or reason else _shift(pair, low, high, treatment)
        if not reason or treatment.blank == "pass":
            kept.append(replace(pair, blank=bool(reason)))
    if all(pair.blank for pair in kept):
        raise InputError(f"All {len(rows)} images have one value everywhere; give other files.")
    for sentence in _told(kept):
        report(f"note: {sentence}", at_once=True)
    order = {pair.image: number for number, pair in enumerate(rows)}
    kept = _named_stacks(sorted(kept, key=lambda pair: order[pair.image]))
    quality, digests = [], dict[str, str]()
    for group in _together(kept):
        for row, digest in _write_group(group, folder, shifts, treatment):
            first = digests.setdefault(digest, str(row["image"]))
            row["duplicate_of"] = "" if first == row["image"] else first
            quality.append(row)
            shift = shifts[str(row["image"])]
            found = f"shift {shift.y:+.2f}, {shift.x:+.2f} px" if shift else "nothing to lay it on"
            report(f"registered {row['image']}, {len(quality)} of {len(kept)}: {found}")
            signal = float(row["low_signal"])
            if group[0].is_volume and signal < _LEAST_SIGNAL:
                report(
                    f"warning: the volume {row['image']!r} ({group[0].low}) shows noise alone: of "
                    f"its mean along z, {max(signal, 0):.0%} is structure. Look "
                    "at it, and leave it out if it is no image",
                    at_once=True,
                )
    quality.sort(key=lambda row: order[str(row["image"])])
    write_table(folder / "quality.tsv", quality)
    write_table(folder / "pairs.tsv", [registered_row(pair) for pair in kept])
    return quality


def _check_depth(pair: Pair, low: Image) -> None:
    """Raise InputError if a volume is too thin to be scored, before anything is trained."""
    planes = len(low.pixels)
    scored = pair.is_volume and pair.split == "test" and pair.high is not None
    if scored and planes < FEWEST_SCORED_PLANES:
        raise InputError(
            f"The volume {pair.image!r} ({pair.low}) has {planes} planes, but to be scored it "
            f"needs {FEWEST_SCORED_PLANES}, as deep as the window of SSIM; leave it out, or give "
            "its planes one by one ('page'), in a data set without 'z_spacing_um'."
        )


def _told(rows: Sequence[Pair]) -> list[str]:
    """Return what a person should know of the files, each sentence once."""
    by_file = {file: (pair, file == pair.low) for pair in rows for file in pair.files}
    stacks = (stack_of(pair, "low" if low else "high") for pair, low in by_file.values())
    return list(dict.fromkeys(sentence for stack in stacks for sentence in stack.told))


def _blankness(pair: Pair, low: Image, high: Image | None, treatment: Treatment) -> str | None:
    exposures = {"low": (low, pair.low), "high": (high, pair.high)}
    for exposure, (image, file) in exposures.items():
        if image is not None and is_blank(image.pixels, outside=treatment.outside):
            value = np.median(image.pixels)
            return (
                f"The {exposure} exposure of {pair.image!r} ({file}) is blank, {value:g} everywhere"
            )
    return None


def _shift(pair: Pair, low: Image, high: Image, treatment: Treatment) -> Shift:
    with told_of(f"The image {pair.image}"):
        if pair.is_volume:
            return _volume_shift(low.pixels, high.pixels, treatment)
        shift = registration.estimate_shift(low.pixels, high.pixels, outside=treatment.outside)
    return shift if treatment.apply else replace(shift, significant=False)


def _volume_shift(low: np.ndarray, high: np.ndarray, treatment: Treatment) -> Shift:
    """Return the displacement of two volumes' means along z, which are not moved.

    On a mean along z of a small field it cannot be told, but voxel by voxel it can.

    Raises
    ------
    InputError
        If they do not lie on each other, unless the data set says not to register them.
    """
    shift = registration.estimate_shift(*map(_mean_plane(treatment), (low, high)))
    z, y, x = registration.volume_displacement(low, high)
    if treatment.apply and (shift.significant or z or y or x):
        if shift.significant:
            found = f"{shift.y:+.2f}, {shift.x:+.2f} px (y, x)"
        else:
            found = f"{y:+d}, {x:+d} px (y, x)"
        raise InputError(
            f"its low exposure must be moved by about {found} and {z:+d} planes to lie on its "
            "high one, but volumes are not moved here; align them first, or set 'register: false' "
            "of the data set to take them as they are."
        )
    return replace(shift, significant=False)


def _mean_plane(treatment: Treatment) -> Callable[[np.ndarray], np.ndarray]:
    """Return what takes the mean of a volume along z, what is no image filled."""
    return lambda pixels: projected(filled(pixels, outside=treatment.outside, name="The volume"))


def _named_stacks(rows: Sequence[Pair]) -> list[Pair]:
    """Name the file of each movie and z-stack, by its field; a single plane stays an image."""
    sizes = Counter(map(_source, rows))
    taken = {pair.image for pair in rows}
    names: dict[tuple[str, ...], str] = {}
    for pair in rows:
        source = _source(pair)
        if not pair.series or pair.is_volume or sizes[source] == 1 or source in names:
            continue
        name = safe_name(pair.field, otherwise="stack")
        free = (f"{name}-{number}" if number else name for number in range(len(rows) + 1))
        names[source] = next(candidate for candidate in free if candidate not in taken)
        taken.add(names[source])
    return [replace(pair, stack=names.get(_source(pair), "")) for pair in rows]


def _source(pair: Pair) -> tuple[str, ...]:
    """Say which stack of planes a row is of."""
    return (
        pair.series,
        pair.field,
        *pair.files,
        region_text(pair.region),
        str(pair.channel),
        str(pair.scene),
    )


def _together(rows: Sequence[Pair]) -> list[list[Pair]]:
    """Return the rows of each file that is written, in the order of their first ones."""
    groups: dict[str, list[Pair]] = {}
    for pair in rows:
        groups.setdefault(f"stack {pair.stack}" if pair.stack else pair.image, []).append(pair)
    return list(groups.values())


def _write_group(
    group: Sequence[Pair], folder: Path, shifts: Shifts, treatment: Treatment
) -> Iterator[tuple[dict[str, str | float], str]]:
    """Write the planes of one file, and yield each one's row of quality and sum of pixels."""
    with contextlib.ExitStack() as closing:
        writers: dict[str, np.ndarray] = {}
        shared = None
        for number, pair in enumerate(group):
            low, high = read_pair(pair, outside=treatment.outside)
            shift = shifts[pair.image]
            images = _laid(low, high, shift, treatment)
            if pair.stack:
                if number == 0:
                    shared = _shared(group, low.pixels.shape, shifts)
                    writers = _created(group, folder, shared, images, shifts, closing)
                images = _cut(images, shared, shift, low.pixels.shape)
            for exposure, pixels in images.items():
                kept = pixels
                if treatment.repair and not pair.blank:
                    kept = without_points(pixels, outside=treatment.outside)
                if pair.stack:
                    writers[exposure][number] = kept
                else:
                    path = folder / exposure / f"{pair.image}.tif"
                    write_image(
                        path,
                        kept,
                        pixel_size_um=low.pixel_size_um,
                        spacing_um=low.spacing_um,
                        axes="ZYX" if pair.is_volume else "YX",
                    )
            row = _quality_row(pair, images, shift, treatment, measured_on=(low, high))
            yield row, pixels_sha256(low.pixels)


def _laid(
    low: Image, high: Image | None, shift: Shift | None, treatment: Treatment
) -> dict[str, np.ndarray]:
    """Return the exposures, laid on each other where they are to be."""
    if high is None:
        return {"low": low.pixels}
    exposures = low.pixels, high.pixels
    if shift is not None:
        exposures = registration.align(*exposures, shift, outside=treatment.outside)
    return dict(zip(("low", "high"), exposures, strict=True))


def look_at(pair: Pair, *, treatment: Treatment) -> dict[str, str | float]:
    """Return a pair's row of quality, as `register` would find it.

    Parameters
    ----------
    pair
        Row of a pair table.
    treatment
        How the images of its data set are taken.

    Raises
    ------
    InputError
        If an image cannot be read, or the exposures differ in shape or are too small.
    """
    low, high = read_pair(pair, outside=treatment.outside)
    pair = replace(pair, blank=_blankness(pair, low, high, treatment) is not None)
    shift = None if high is None or pair.blank else _shift(pair, low, high, treatment)
    images = _laid(low, high, shift, treatment)
    return _quality_row(pair, images, shift, treatment, measured_on=(low, high))


def _quality_row(
    pair: Pair,
    images: dict[str, np.ndarray],
    shift: Shift | None,
    treatment: Treatment,
    *,
    measured_on: tuple[Image, Image | None],
) -> dict[str, str | float]:
    """Measure the quality of a pair as it was laid on each other, or of a low exposure alone."""
    # Nothing is inside of the field of a blank image.
    outside = None if pair.blank else treatment.outside
    exposures = [images["low"]] if shift is None else [images["low"], images["high"]]
    measure = registration.image_quality if shift is None else registration.pair_quality
    row = registration.quality_row(
        pair,
        shift,
        measure(*exposures, outside=outside),
        first=pair.image,
        repair=treatment.repair,
    )
    names = ("The low exposure", "The high exposure")
    low, *others = (
        repaired(pixels, find(pixels, outside=outside, name=name))
        for pixels, name in zip(exposures, names, strict=False)
    )
    low, *others = map(projected, (low, *others))
    row |= vars(measure_kinship(low, others[0] if others else None))
    if not treatment.alike:
        row["noise_ratio"] = np.nan
    row["blank"] = "yes" if pair.blank else "no"
    counts = (row["low_hot"], row["high_hot"])
    row["hot"] = max(float(n) for n in counts if not np.isnan(n)) / images["low"].size
    row["shared"] = images["low"].size / measured_on[0].pixels.size
    for column, image in zip(("pixel_size_um", "high_pixel_size_um"), measured_on, strict=True):
        row[column] = "" if image is None or image.pixel_size_um is None else image.pixel_size_um
    return row


def _shared(group: Sequence[Pair], shape: tuple[int, ...], shifts: Shifts) -> Area:
    """Return the area of the low exposures that all planes of a stack share with their partners."""
    areas = [registration.shared_area(shape, shifts[pair.image]) for pair in group]
    cut = tuple(
        slice(max(a.start for a in sides), min(a.stop for a in sides))
        for sides in zip(*areas, strict=True)
    )
    if any(side.start >= side.stop for side in cut):
        raise InputError(
            f"The planes of {group[0].low} share no area once they are laid on their partners; "
            "set 'register' of the data set to false, or look at its pairs."
        )
    return cut


def _cut(
    images: dict[str, np.ndarray], shared: Area | None, shift: Shift | None, shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Cut aligned images to what their stack shares."""
    assert shared is not None
    own = registration.shared_area(shape, shift)
    cut = tuple(
        slice(part.start - had.start, part.stop - had.start)
        for part, had in zip(shared, own, strict=True)
    )
    return {exposure: pixels[cut] for exposure, pixels in images.items()}


def _created(
    group: Sequence[Pair],
    folder: Path,
    shared: Area,
    images: dict[str, np.ndarray],
    shifts: Shifts,
    closing: contextlib.ExitStack,
) -> dict[str, np.ndarray]:
    """Create the files of a stack, as arrays of planes to be filled."""
    source = stack_of(group[0], "low")
    sides = tuple(part.stop - part.start for part in shared)
    applied = [shift for pair in group if (shift := shifts[pair.image]) and shift.significant]
    moved = any(not float(side).is_integer() for shift in applied for side in (shift.y, shift.x))
    writers = {}
    for exposure, pixels in images.items():
        dtype = np.float32 if moved and exposure == "high" else pixels.dtype
        like = _like(source, group, sides)
        file = folder / exposure / f"{group[0].stack}.tif"
        array = closing.enter_context(created(file, like=like, dtype=dtype))
        writers[exposure] = array.reshape(-1, *sides)
    return writers


def _like(source: Stack, group: Sequence[Pair], sides: tuple[int, ...]) -> Stack:
    """Return a stack of these planes with the metadata of the one they are from.

    It keeps the axes where it holds all planes, in their order; else it has one axis.
    """
    pages = [pair.page for pair in group]
    if pages != list(range(source.planes)):
        source = source.line("Z" if group[0].series == "z-stack" else "T", len(group))
    return replace(source, shape=(*source.shape[:-2], *sides))
