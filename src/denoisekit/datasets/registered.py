"""Registered pairs: the folder of images and tables that registration leaves, and reading it.

``low/<image>.tif`` and ``high/<image>.tif`` hold single images; the planes of a movie or a z-stack
lie together in ``low/<stack>.tif``, with the axes and the metadata of the file they came from.
``pairs.tsv`` says what each image is, ``quality.tsv`` how its pair goes together.
"""

import contextlib
import functools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from denoisekit._checks import same_shape
from denoisekit.datasets.pairs import Pair, check_split, movies, parse_region, region_text
from denoisekit.errors import InputError
from denoisekit.files import portable, read_table
from denoisekit.images import windows
from denoisekit.images.image import Image, write_image
from denoisekit.images.reading import open_stack, read_image, read_volume
from denoisekit.images.stacks import Stack, created

Write = Callable[..., None]
_SAME_SIZE = 0.01
# Beside blank planes; 0 would be a number.
_UNKNOWN = np.float32(np.nan)


def registered_row(pair: Pair) -> dict[str, str | int]:
    """Return a pair's row in the table of a folder of registered pairs."""
    return {
        "image": pair.image,
        "split": pair.split,
        "field": pair.field,
        "series": pair.series,
        "low": portable(pair.low),
        "high": portable(pair.high or ""),
        "page": "" if pair.page is None else pair.page,
        "region": region_text(pair.region),
        "channel": "" if pair.channel is None else pair.channel,
        "scene": "" if pair.scene is None else pair.scene,
        "depth": "" if pair.depth is None else pair.depth,
        "stack": pair.stack,
        "blank": "yes" if pair.blank else "no",
    }


@dataclass(frozen=True)
class _Table:
    """The rows of a folder of registered pairs, and where each image lies in its file."""

    rows: tuple[Pair, ...]
    planes: dict[str, int]
    tested: dict[str, int]

    @functools.cached_property
    def by_image(self) -> dict[str, Pair]:
        """The rows by image; a search for each of many would take the square of their number."""
        return {row.image: row for row in self.rows}

    @functools.cached_property
    def tested_planes(self) -> Counter[str]:
        """How many planes of each stack are tested on."""
        return Counter(row.stack for row in self.rows if row.split == "test")


@dataclass(frozen=True)
class Place:
    """Where a test image lies in the file of its restored stack: a plane, from 0, of how many."""

    stack: str
    plane: int
    planes: int


def _table(folder: str | Path) -> _Table:
    path = Path(folder, "pairs.tsv")
    try:
        status = path.stat()
    except FileNotFoundError:
        raise InputError(f"The table {path} does not exist.") from None
    return _read(path, (status.st_mtime_ns, status.st_size, status.st_ino))


@functools.lru_cache(maxsize=16)
def _read(path: Path, stamp: tuple[int, ...]) -> _Table:
    rows = tuple(
        Pair(
            image=row["image"],
            split=row["split"],
            low=row["low"],
            high=row["high"] or None,
            page=int(row["page"]) if row["page"] else None,
            region=parse_region(row["region"], str(path)),
            field=row["field"],
            series=row["series"],
            known_shift=None,
            channel=row["channel"] or None,
            scene=row["scene"] or None,
            depth=int(row["depth"]) if row["depth"] else None,
            stack=row["stack"],
            blank=row["blank"] == "yes",
        )
        for row in read_table(path)
    )
    return _Table(rows, _planes(rows), _planes([row for row in rows if row.split == "test"]))


def _planes(rows: Sequence[Pair]) -> dict[str, int]:
    """Return the number of each image in its stack."""
    counts: Counter[str] = Counter()
    planes = {}
    for row in rows:
        if row.stack:
            planes[row.image] = counts[row.stack]
            counts[row.stack] += 1
    return planes


def read_registered(folder: str | Path) -> list[Pair]:
    """Read the pair table of a folder of registered pairs, without the blank ones."""
    return [pair for pair in _table(folder).rows if not pair.blank]


def registered_pairs(folder: str | Path, *, split: str) -> list[Pair]:
    """Return the pairs of one split of a folder of registered pairs, without the blank ones.

    Raises
    ------
    InputError
        If no pair is of that split.
    """
    pairs = read_registered(folder)
    check_split(pairs, split=split, table=str(Path(folder, "pairs.tsv")))
    return [pair for pair in pairs if pair.split == split]


def read_exposure(folder: str | Path, image: str, exposure: str) -> Image:
    """Read the ``low`` or the ``high`` exposure of an image in a folder of registered pairs."""
    table = _table(folder)
    return _read_from(Path(folder, exposure), image, table, table.planes)


def exposure_shape(folder: str | Path, image: str, exposure: str) -> tuple[int, ...]:
    """Return the sides of one, (Y, X), by its file's header: no pixel is read."""
    table = _table(folder)
    name = table.by_image[image].stack if image in table.planes else image
    return open_stack(Path(folder, exposure, f"{name}.tif")).shape[-2:]


def spacing_sentences(folder: str | Path, *, dataset: str, z_spacing_um: float) -> list[str]:
    """Say of a folder of volumes whose files tell another distance of planes than the study.

    Parameters
    ----------
    folder
        Of registered pairs.
    dataset
        What to call the data set.
    z_spacing_um
        What the study says.
    """
    images = [row.image for row in _table(folder).rows]
    told = {image: open_stack(Path(folder, "low", f"{image}.tif")).scale for image in images}
    other = {
        image: scale.spacing_um
        for image, scale in told.items()
        if scale.spacing_um and abs(scale.spacing_um - z_spacing_um) > _SAME_SIZE * z_spacing_um
    }
    if not other:
        return []
    first = next(iter(other))
    return [
        f"{dataset}: the planes of {len(other)} of {len(images)} volumes (the first: {first}) lie "
        f"{other[first]:.4g} um apart as their files tell, but the study says {z_spacing_um:g} um; "
        "that of the files is taken. Correct z_spacing_um, or the files."
    ]


def read_restored(registered: str | Path, folder: str | Path, image: str) -> Image:
    """Read an image out of a folder that `restored_to` wrote."""
    table = _table(registered)
    return _read_from(Path(folder), image, table, table.tested)


def tested_place(folder: str | Path, image: str) -> Place | None:
    """Return where a test image lies in its restored stack, or None of a single image."""
    table = _table(folder)
    if image not in table.tested:
        return None
    stack = table.by_image[image].stack
    return Place(stack, table.tested[image], table.tested_planes[stack])


def _read_from(folder: Path, image: str, table: _Table, planes: dict[str, int]) -> Image:
    if image not in planes:
        row = table.by_image.get(image)
        volume = row is not None and row.is_volume
        return (read_volume if volume else read_image)(folder / f"{image}.tif")
    return read_image(folder / f"{table.by_image[image].stack}.tif", page=planes[image])


def read_windows(
    folder: str | Path, *, split: str, frames: int
) -> dict[str, Callable[[], np.ndarray]]:
    """Return what reads the pixels of each image of a split that a network looks at.

    Parameters
    ----------
    folder
        Of registered pairs.
    split
        ``train`` or ``test``.
    frames
        1: the image itself; else (frames, Y, X), the frames around it, itself in the middle.

    Raises
    ------
    InputError
        If no pair is of that split, or it is not all movies of as many frames; reading, if the
        frames of one differ in size.
    """
    rows, table = registered_pairs(folder, split=split), str(Path(folder, "pairs.tsv"))

    def read(images: Sequence[str]) -> np.ndarray:
        planes = [read_exposure(folder, image, "low").pixels for image in images]
        for image, plane in zip(images, planes, strict=True):
            same_shape(planes[0], plane, names=(f"The frame {images[0]}", f"the frame {image}"))
        return planes[0] if frames == 1 else np.stack(planes)

    if frames == 1:
        return {row.image: functools.partial(read, [row.image]) for row in rows}
    found: dict[str, list[str]] = {}
    for name, movie in movies(rows, table=table).items():
        around = windows.around(movie, window=frames, name=f"{table}: the movie of {name}")
        found |= dict(zip(movie, around, strict=True))
    return {row.image: functools.partial(read, found[row.image]) for row in rows}


def normalised_together(folder: str | Path, *, normalize: str | None) -> dict[str, list[str]]:
    """Return, of each test image that is normalised with others, the names of all of them.

    Parameters
    ----------
    folder
        Of registered pairs.
    normalize
        ``movie``: the planes of a movie or of a z-stack together; ``plane``: each by itself; None:
        the frames of a movie together, at each depth, and the planes of a z-stack each by itself.
    """
    groups: dict[tuple[str, int | None], list[str]] = {}
    for pair in registered_pairs(folder, split="test"):
        if pair.stack and normalize != "plane" and (normalize or pair.series == "movie"):
            groups.setdefault((pair.stack, None if normalize else pair.depth), []).append(
                pair.image
            )
    return {image: images for images in groups.values() for image in images}


@contextlib.contextmanager
def restored_to(
    folder: str | Path,
    *,
    registered: str | Path,
    pixel_size_um: float,
    z_spacing_um: float | None = None,
) -> Iterator[Write]:
    """Write restored images: single ones as such, the planes of a stack into one file.

    A stack's file has the axes and the metadata of the registered one, and is filled plane by
    plane, so that no more than one is in memory. Blank images are written as they are; what is
    written beside the others is NaN for them.

    Parameters
    ----------
    folder
        Where to.
    registered
        The folder of registered pairs whose test images are restored.
    pixel_size_um
        Side of a pixel where a file does not tell its own.
    z_spacing_um
        How far the planes of a volume lie apart, likewise.

    Yields
    ------
    Callable
        ``write(image, pixels, below="")``, with the name of a folder below for what is written
        beside the restored image.
    """
    folder, table = Path(folder), _table(registered)
    tested = {row.image: row for row in table.rows if row.split == "test"}
    together: dict[str, list[Pair]] = {}
    for row in tested.values():
        together.setdefault(row.stack, []).append(row)

    def blank(row: Pair) -> np.ndarray:
        return read_exposure(registered, row.image, "low").pixels.astype(np.float32)

    with contextlib.ExitStack() as closing:
        stacks: dict[Path, _Filled] = {}

        def stack_at(name: str, below: str = "") -> _Filled:
            """Return a stack's file, which has its blank planes already."""
            path = folder / below / f"{name}.tif"
            if path not in stacks:
                rows = together[name]
                like = _restored_like(Path(registered, "low"), rows, pixel_size_um)
                stacks[path] = _Filled(path, like, closing)
                for row in rows:
                    if row.blank:
                        pixels = _UNKNOWN if below else blank(row)
                        stacks[path].fill(table.tested[row.image], pixels)
            return stacks[path]

        def write(image: str, pixels: np.ndarray, below: str = "") -> None:
            """Write one image or plane."""
            row = tested[image]
            if row.stack:
                stack_at(row.stack, below).fill(table.tested[image], pixels)
                return
            low = read_exposure(registered, image, "low")
            write_image(
                folder / below / f"{image}.tif",
                pixels,
                pixel_size_um=low.pixel_size_um or pixel_size_um,
                spacing_um=(low.spacing_um or z_spacing_um) if row.is_volume else None,
                axes="ZYX" if row.is_volume else "YX",
            )

        yield write
        for row in tested.values():
            if row.blank and row.stack:
                stack_at(row.stack)
            elif row.blank:
                write(row.image, blank(row))
        for stack in stacks.values():
            stack.leave_rest()


class _Filled:
    """A stack's file that is filled plane by plane, and closed with the last one.

    A system lets few files be open at once, and a data set may have more stacks than that.
    """

    def __init__(self, path: Path, like: Stack, closing: contextlib.ExitStack) -> None:
        self._closing = closing.enter_context(contextlib.ExitStack())
        array = self._closing.enter_context(created(path, like=like))
        self._planes: np.ndarray | None = array.reshape(-1, *like.shape[-2:])
        self._left = set(range(len(self._planes)))

    def fill(self, number: int, pixels: np.ndarray | np.float32) -> None:
        """Write a plane."""
        if self._planes is None:
            raise RuntimeError(f"plane {number} of a stack that is whole")
        self._planes[number] = pixels
        self._left.discard(number)
        if not self._left:
            self._planes = None
            self._closing.close()

    def leave_rest(self) -> None:
        """Say of the planes that were not written that nothing is known."""
        for number in sorted(self._left):
            self.fill(number, _UNKNOWN)


def _restored_like(low: Path, rows: Sequence[Pair], pixel_size_um: float) -> Stack:
    source = open_stack(low / f"{rows[0].stack}.tif")
    if len(rows) != source.planes:
        source = source.line("Z" if rows[0].series == "z-stack" else "T", len(rows))
    if source.scale.width_um is None:
        scale = replace(source.scale, height_um=pixel_size_um, width_um=pixel_size_um)
        source = replace(source, scale=scale)
    return source
