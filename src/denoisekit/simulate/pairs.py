"""Pairs of a short and a long exposure of simulated fields of view."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from denoisekit._checks import positive
from denoisekit.errors import InputError
from denoisekit.simulate import structures
from denoisekit.simulate.camera import Camera, CameraSettings
from denoisekit.simulate.cells import Region, draw_cells
from denoisekit.simulate.optics import MARGIN_PX, Microscope, Optics
from denoisekit.simulate.scene import DEFOCUS_UM, Emitters, Motion, deposit, join, keep

_BRIGHT_PERCENTILE = 99.9
_BLUR_STEPS = 3
_EMPTIEST = 0.35
_STREAMS = {"train": 1, "test": 2, "movie": 3}
_MOVIE = "movie"


@dataclass(frozen=True)
class SimulatedPair:
    """A short and a long exposure of one field of view.

    Attributes
    ----------
    image
        Name, unique within the data set: ``train-000``, ``test-003``, ``frame-017``,
        ``train-1-frame-017``.
    field
        Name of the independent field of view; the frames of a movie share one.
    split
        ``train`` or ``test``.
    low, high
        (Y, X) uint16 counts of the short and of the long exposure.
    shift_yx
        The displacement in pixels, towards larger y and x, to apply to `low` so that it lies on
        `high`: what the sample shows at p in `high` it shows at p - shift_yx in `low`. (0.0, 0.0)
        if the stage stood still. Movement within the sample is not part of it.
    """

    image: str
    field: str
    split: str
    low: np.ndarray
    high: np.ndarray
    shift_yx: tuple[float, float]

    def row(self, *, low: str, high: str, page: int) -> dict[str, str | int | float]:
        """Return its row in a pair table, being a page of two stacks."""
        shift_y, shift_x = self.shift_yx
        return {
            "image": self.image,
            "split": self.split,
            "low": low,
            "high": high,
            "page": page,
            "field": self.field,
            "series": "movie" if self.field.endswith(_MOVIE) else "",
            "shift_y": shift_y,
            "shift_x": shift_x,
        }


def simulate_pairs(settings: Mapping[str, Any], *, seed: int) -> Iterator[SimulatedPair]:
    """Simulate a data set, one pair at a time.

    Every field of view shows other cells, and each has a random stream of its own: its pixels do
    not depend on how many others there are. Structures of one sample (`structures.sample`) show the
    same cells in data sets of one seed, with light and noise of their own.

    Parameters
    ----------
    settings
        What config/schemas/simulation.schema.yaml describes, and `pixel_size_um`.
    seed
        Decides everything that is random.

    Yields
    ------
    SimulatedPair
        Training images first, then movies to train on, then the test images or the frames of the
        movie to test on.

    Raises
    ------
    InputError
        If the structure is unknown, a number is below what it can be, or test images and a movie
        are both asked for.
    """
    _check(settings)
    return _pairs(settings, seed)


def _check(settings: Mapping[str, Any]) -> None:
    structures.get(settings["structure"])
    for name in ("size", "light", "pixel_size_um"):
        positive(settings[name], name=name)
    for exposure in settings["exposures_ms"]:
        positive(exposure, name="Each of exposures_ms")
    for name, value in {**settings, **settings["motion"]}.items():
        if isinstance(value, int | float) and not value >= 0:
            raise InputError(f"{name} must not be below zero, but is {value!r}.")
    if settings["movie_frames"] and settings["test_images"]:
        raise InputError(
            f"test_images must be 0 when movie_frames is {settings['movie_frames']}, since the "
            f"frames are the test images, but is {settings['test_images']}."
        )
    movies = settings.get("train_movies", 0)
    if movies and not settings["movie_frames"]:
        raise InputError(
            f"train_movies is {movies}, but movie_frames 0; say how many frames a movie has."
        )


def _pairs(settings: Mapping[str, Any], seed: int) -> Iterator[SimulatedPair]:
    bench = _Bench(settings, seed)
    for split in ("train", "test"):
        for number in range(settings[f"{split}_images"]):
            rng, sample = _streams(settings, seed, split, number)
            name = f"{split}-{number:03d}"
            field = _Field(settings, rng, sample)
            yield bench.pair(field, rng, frame=0, names=(name, name, split))
    for number in range(settings.get("train_movies", 0)):
        streams = _streams(settings, seed, "movie", number)
        yield from _movie(settings, bench, *streams, before=f"train-{number}-", split="train")
    if settings["movie_frames"]:
        streams = _streams(settings, seed, "test", 0)
        yield from _movie(settings, bench, *streams, before="", split="test")


def _movie(
    settings: Mapping[str, Any],
    bench: "_Bench",
    rng: np.random.Generator,
    sample: np.random.Generator,
    *,
    before: str,
    split: str,
) -> Iterator[SimulatedPair]:
    """Yield the frames of a movie of one field, with what stands before their and its name."""
    field = _Field(settings, rng, sample)
    for frame in range(settings["movie_frames"]):
        names = (f"{before}frame-{frame:03d}", f"{before}{_MOVIE}", split)
        yield bench.pair(field, rng, frame=frame, names=names)


def _streams(
    settings: Mapping[str, Any], seed: int, split: str, number: int
) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the random streams of one field, so that fields are independent of each other.

    The first is its own, the second that of its sample, which is the same in every colour.
    """
    name = settings["structure"]
    own, sample = (
        np.random.default_rng([seed, int.from_bytes(of.encode()), _STREAMS[split], number])
        for of in (name, structures.sample(name))
    )
    return own, sample


class _Field:
    """A field of view: what moves in it, and how bright it is."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        rng: np.random.Generator,
        sample: np.random.Generator,
    ) -> None:
        motion = settings["motion"]
        self.motion = Motion(
            rng,
            _draw_emitters(settings, rng, sample),
            flow_um_per_s=motion["flow_um_per_s"],
            wander_um_per_s=motion["wander_um_per_s"],
        )
        self.brightness = float(np.exp(settings["light_spread"] * rng.standard_normal()))
        self.scale: float | None = None


def _draw_emitters(
    settings: Mapping[str, Any], rng: np.random.Generator, sample: np.random.Generator
) -> Emitters:
    """Draw a sample, or cells until enough of the field is covered by them."""
    pixel = settings["pixel_size_um"]
    field_um = settings["size"] * pixel
    region = Region(-MARGIN_PX * pixel, field_um + MARGIN_PX * pixel)
    probe = np.stack(np.meshgrid(*[np.linspace(0, field_um, 32)] * 2), axis=-1)
    draw = structures.get(settings["structure"])
    if draw is None:
        return join(structures.of_sample(settings["structure"])(rng, sample, region))
    while True:
        cells = draw_cells(rng, field_um=field_um)
        covered = np.mean(np.min([cell.depth(probe) for cell in cells], axis=0) < 0.85)
        if covered >= min(_EMPTIEST, 3000 / field_um**2):
            break
    parts = [part for cell in cells for part in draw(rng, cell, region)]
    emitters = join(parts)
    return keep(emitters, region.holds(emitters.yx))


class _Bench:
    """Microscope, lamp and camera: what all fields of a data set share.

    The sensor depends on the seed alone: data sets of one seed and size are taken with one camera.
    """

    def __init__(self, settings: Mapping[str, Any], seed: int) -> None:
        self._settings = settings
        self._microscope = Microscope(
            Optics(**settings["optics"]),
            pixel_size_um=settings["pixel_size_um"],
            size=settings["size"],
            defocus_um=DEFOCUS_UM,
        )
        self._camera = Camera(
            CameraSettings(**settings["camera"]),
            shape=(settings["size"], settings["size"]),
            rng=np.random.default_rng(seed),
        )

    def pair(
        self, field: _Field, rng: np.random.Generator, *, frame: int, names: tuple[str, str, str]
    ) -> SimulatedPair:
        """Return the two exposures of a field at one frame of its movie (0 for a still)."""
        settings, motion = self._settings, self._settings["motion"]
        short_s, long_s = (ms / 1000 for ms in settings["exposures_ms"])
        start = frame * motion["frame_interval_s"]
        early = self._planes(field, start, short_s)
        if field.motion.still:
            late = early
        else:
            late = self._planes(field, start + motion["pair_delay_s"], long_s)
        shift = rng.uniform(-settings["max_shift_px"], settings["max_shift_px"], size=2)
        faded = np.exp(-motion["bleaching_per_s"] * frame * (short_s + long_s))
        low = self._exposed(field, self._microscope.image(early, shift_yx=-shift), faded, short_s)
        high = self._exposed(field, self._microscope.image(late, shift_yx=(0, 0)), faded, long_s)
        image, name, split = names
        return SimulatedPair(
            image=image,
            field=name,
            split=split,
            low=self._camera.expose(low, rng=rng),
            high=self._camera.expose(high, rng=rng),
            shift_yx=(float(shift[0]), float(shift[1])),
        )

    def _planes(self, field: _Field, start_s: float, exposure_s: float) -> np.ndarray:
        """Return the light emitted in an exposure, averaged over the movement during it."""
        steps = 1 if field.motion.still else _BLUR_STEPS
        total = np.zeros((len(DEFOCUS_UM), *self._microscope.grid))
        for step in range(steps):
            time_s = start_s + exposure_s * (step + 0.5) / steps
            total += deposit(
                field.motion.at(time_s),
                pixel_size_um=self._settings["pixel_size_um"],
                grid=self._microscope.grid,
            )
        return total / steps

    def _exposed(
        self, field: _Field, image: np.ndarray, faded: float, exposure_s: float
    ) -> np.ndarray:
        """Return the mean photoelectrons; a field's first image decides how bright it is."""
        if field.scale is None:
            field.scale = field.brightness / float(np.percentile(image, _BRIGHT_PERCENTILE))
        light = self._settings["light"] * field.scale * faded * image
        return (light + self._settings["background"]) * exposure_s * 1000
