"""The simulated microscope, camera and cells against optics, statistics and their own word."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from scipy.optimize import brentq
from scipy.special import j1

from denoisekit.errors import InputError
from denoisekit.simulate import structures
from denoisekit.simulate.camera import Camera, CameraSettings
from denoisekit.simulate.optics import MARGIN_PX, Microscope, Optics, widefield_psf
from denoisekit.simulate.pairs import SimulatedPair, simulate_pairs
from denoisekit.simulate.scene import DEFOCUS_UM, Emitters, Motion, deposit

SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "simulation.schema.yaml"
OPTICS = Optics(
    numerical_aperture=1.3, refractive_index=1.406, emission_um=0.52, spherical_waves=0.0
)
PIXEL_UM = 0.1083
QUIET = CameraSettings(
    gain=2.2,
    offset=100,
    read_noise=1.5,
    read_noise_spread=0.0,
    pixel_offset=0.0,
    column_offset=0.0,
    row_noise=0.0,
    bits=16,
)
SETTINGS: dict[str, Any] = {
    "structure": "actin",
    "size": 96,
    "pixel_size_um": 0.1083,
    "train_images": 2,
    "test_images": 2,
    "movie_frames": 0,
    "exposures_ms": [1, 100],
    "light": 200,
    "light_spread": 0.2,
    "background": 1,
    "optics": {
        "numerical_aperture": 1.3,
        "refractive_index": 1.406,
        "emission_um": 0.52,
        "spherical_waves": 0.0,
    },
    "camera": {
        "gain": 2.2,
        "offset": 100,
        "read_noise": 1.0,
        "read_noise_spread": 0.5,
        "pixel_offset": 0.3,
        "column_offset": 0.1,
        "row_noise": 0.25,
        "bits": 16,
    },
    "motion": {
        "flow_um_per_s": 0,
        "wander_um_per_s": 0,
        "frame_interval_s": 0,
        "pair_delay_s": 0,
        "bleaching_per_s": 0,
    },
    "max_shift_px": 0,
    "seed": 7,
}


def settings(**changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(SETTINGS)
    for key, value in changes.items():
        changed[key] = {**changed[key], **value} if isinstance(value, dict) else value
    return changed


def simulated(*, seed: int = 7, **changes: Any) -> list[SimulatedPair]:
    return list(simulate_pairs(settings(**changes), seed=seed))


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


# The microscope


def width_at_half_maximum(kernel: np.ndarray, pixel_size_um: float) -> float:
    profile = kernel[kernel.shape[0] // 2]
    above = np.flatnonzero(profile >= profile.max() / 2)
    first, last = above[0], above[-1]
    half = profile.max() / 2
    left = first - (profile[first] - half) / (profile[first] - profile[first - 1])
    right = last + (profile[last] - half) / (profile[last] - profile[last + 1])
    return (right - left) * pixel_size_um


@pytest.mark.parametrize(("aperture", "emission"), [(1.3, 0.52), (0.7, 0.6)])
def test_psf_is_as_wide_as_theory_says(aperture: float, emission: float) -> None:
    optics = replace(OPTICS, numerical_aperture=aperture, emission_um=emission)
    kernel = widefield_psf(optics, pixel_size_um=0.01, defocus_um=0.0, half_width=60)
    expected = 0.51 * emission / aperture
    assert width_at_half_maximum(kernel, 0.01) == pytest.approx(expected, rel=0.03)


def test_psf_in_focus_is_the_airy_pattern() -> None:
    kernel = widefield_psf(OPTICS, pixel_size_um=0.01, defocus_um=0.0, half_width=60)
    reach = 2 * np.pi * 1.3 / 0.52 * 0.01 * np.arange(1, 61)
    airy = (2 * j1(reach) / reach) ** 2
    np.testing.assert_allclose(kernel[60, 61:] / kernel[60, 60], airy, atol=2e-3)
    dark = brentq(j1, 3, 4.5) / (2 * np.pi * 1.3 / 0.52)
    assert dark == pytest.approx(0.61 * 0.52 / 1.3, rel=0.001)
    assert kernel[60, 60 + round(dark / 0.01)] < 1e-3 * kernel[60, 60]


@pytest.mark.parametrize("defocus", [0.0, 0.9, 2.5])
def test_psf_sums_to_one_and_is_symmetric(defocus: float) -> None:
    kernel = widefield_psf(OPTICS, pixel_size_um=0.1083, defocus_um=defocus, half_width=40)
    assert kernel.shape == (81, 81)
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert kernel.min() >= 0
    np.testing.assert_allclose(kernel, kernel.T, atol=1e-12)
    np.testing.assert_allclose(kernel, kernel[::-1], atol=1e-12)


def test_psf_spreads_with_defocus() -> None:
    peaks = [
        widefield_psf(OPTICS, pixel_size_um=0.1083, defocus_um=z, half_width=40).max()
        for z in (0.0, 0.4, 0.9, 2.5)
    ]
    assert all(near > 1.3 * far for near, far in pairwise(peaks))


@pytest.mark.parametrize("waves", [0.04, 0.08])
def test_psf_loses_the_peak_that_aberration_takes(waves: float) -> None:
    """Marechal: the peak falls to exp(-(2 pi rms)**2), if all light is counted."""
    grid = {"pixel_size_um": 0.02, "defocus_um": 0.0, "half_width": 120}
    perfect = widefield_psf(OPTICS, **grid).max()
    aberrated = widefield_psf(replace(OPTICS, spherical_waves=waves), **grid).max()
    assert aberrated / perfect == pytest.approx(np.exp(-((2 * np.pi * waves) ** 2)), rel=0.03)


def microscope(**optics: float) -> Microscope:
    optics = replace(OPTICS, **optics)
    return Microscope(optics, pixel_size_um=PIXEL_UM, size=64, defocus_um=DEFOCUS_UM)


def image_of_a_point(
    place: Sequence[float], *, plane: int = 0, shift_yx: Sequence[float] = (0, 0), **optics: float
) -> np.ndarray:
    """Return the image of one point at `place`, in pixels, displaced by a shift."""
    emitters = Emitters(
        yx=PIXEL_UM * np.array([place]),
        weight=np.array([1000.0]),
        plane=np.array([plane], np.int8),
        body=np.array([0]),
    )
    seen_by = microscope(**optics)
    light = deposit(emitters, pixel_size_um=PIXEL_UM, grid=seen_by.grid)
    return seen_by.image(light, shift_yx=shift_yx)


def test_microscope_keeps_light_and_moves_it_by_the_shift() -> None:
    image = image_of_a_point((30, 34))
    moved = image_of_a_point((30, 34), shift_yx=(2.25, -3.5))
    assert image.sum() == pytest.approx(1000, rel=0.02)
    rows, columns = np.mgrid[:64, :64]
    centre = [np.sum(rows * image) / image.sum(), np.sum(columns * image) / image.sum()]
    there = [np.sum(rows * moved) / moved.sum(), np.sum(columns * moved) / moved.sum()]
    np.testing.assert_allclose(centre, (30, 34), atol=0.02)
    np.testing.assert_allclose(np.subtract(there, centre), (2.25, -3.5), atol=0.05)


@pytest.mark.parametrize("plane", [0, 1])
def test_image_of_a_point_is_the_psf(plane: int) -> None:
    kernel = widefield_psf(
        OPTICS, pixel_size_um=PIXEL_UM, defocus_um=DEFOCUS_UM[plane], half_width=MARGIN_PX
    )
    near = slice(MARGIN_PX - 15, MARGIN_PX + 16)
    image = image_of_a_point((30, 34), plane=plane)[15:46, 19:50]
    np.testing.assert_allclose(image, 1000 * kernel[near, near], atol=0.005 * image.max())


@pytest.mark.parametrize("emission", [0.507, 0.6])
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.25, 0.25), (0.1, 0.4), (-0.3, 0.2)])
def test_a_point_looks_the_same_wherever_in_a_pixel_it_lies(
    place: tuple[float, float], emission: float
) -> None:
    there = image_of_a_point(np.add(place, 32), shift_yx=np.negative(place), emission_um=emission)
    here = image_of_a_point((32, 32), emission_um=emission)
    np.testing.assert_allclose(there, here, atol=0.01 * here.max())


def test_optics_refuses_an_aperture_above_the_index() -> None:
    with pytest.raises(InputError, match=r"numerical_aperture must lie between .* but is 1\.45"):
        replace(OPTICS, numerical_aperture=1.45)


# The camera


def test_camera_noise_is_a_line_of_slope_gain() -> None:
    rng = np.random.default_rng(0)
    camera = Camera(QUIET, shape=(300, 300), rng=rng)
    levels = np.array([0.0, 20, 50, 100, 200, 400, 800])
    shots = [camera.expose(np.full((300, 300), level), rng=rng).astype(float) for level in levels]
    means = np.array([shot.mean() for shot in shots]) - QUIET.offset
    variances = np.array([shot.var() for shot in shots])
    slope, _ = np.polyfit(means, variances, 1, w=1 / variances)
    assert slope == pytest.approx(QUIET.gain, rel=0.01)
    np.testing.assert_allclose(means, QUIET.gain * levels, atol=0.5)
    assert variances[0] == pytest.approx((QUIET.gain * QUIET.read_noise) ** 2 + 1 / 12, rel=0.02)


def test_camera_keeps_each_pixels_read_noise() -> None:
    spread = replace(QUIET, gain=10, offset=1000, read_noise=1.2, read_noise_spread=0.6)
    rng = np.random.default_rng(1)
    camera = Camera(spread, shape=(60, 60), rng=rng)
    dark = np.stack([camera.expose(np.zeros((60, 60)), rng=rng) for _ in range(400)]).astype(float)
    measured = dark.std(axis=0) / spread.gain
    assert np.median(measured) == pytest.approx(1.2, rel=0.05)
    assert np.percentile(measured, 99) > 3 * 1.2
    assert correlation(np.log(measured), np.log(camera.read_noise)) > 0.98


def test_camera_shifts_whole_rows() -> None:
    rows = replace(QUIET, gain=10, offset=1000, read_noise=0.1, row_noise=2.0)
    rng = np.random.default_rng(2)
    dark = Camera(rows, shape=(400, 50), rng=rng).expose(np.zeros((400, 50)), rng=rng)
    assert dark.mean(axis=1).std() / rows.gain == pytest.approx(2.0, rel=0.12)
    assert dark.std(axis=1).max() < 2 * rows.gain * rows.read_noise


def test_camera_keeps_its_pattern() -> None:
    uneven = replace(QUIET, gain=10, offset=1000, pixel_offset=0.5, column_offset=1.0)
    rng = np.random.default_rng(4)
    camera = Camera(uneven, shape=(200, 300), rng=rng)
    shots = [camera.expose(np.zeros((200, 300)), rng=rng).astype(float) for _ in range(60)]
    pattern = (np.mean(shots, axis=0) - 1000) / 10
    upper, lower = pattern[:100].mean(axis=0), pattern[100:].mean(axis=0)
    assert np.concatenate([upper, lower]).std() == pytest.approx(1.0, rel=0.1)
    assert abs(correlation(upper, lower)) < 0.2
    assert (pattern[:100] - upper).std() == pytest.approx(np.hypot(0.5, 1.5 / 60**0.5), rel=0.02)


@pytest.mark.parametrize("name", ["offset", "read_noise", "column_offset", "row_noise"])
def test_camera_refuses_what_is_below_zero(name: str) -> None:
    with pytest.raises(InputError, match=rf"{name} of the camera must not be below zero, but is -"):
        replace(QUIET, **{name: -0.5})


@pytest.mark.parametrize(("bits", "top"), [(12, 4095), (16, 65535)])
def test_camera_saturates(bits: int, top: int) -> None:
    rng = np.random.default_rng(3)
    settings = replace(QUIET, gain=2.0, offset=0, bits=bits)
    camera = Camera(settings, shape=(20, 20), rng=rng)
    counts = camera.expose(np.full((20, 20), 1e5), rng=rng)
    assert counts.dtype == np.uint16
    assert (counts == top).all()
    assert camera.expose(np.zeros((20, 20)), rng=rng).min() == 0


# The data set


@pytest.mark.parametrize("structure", structures.names())
def test_pairs_are_named_split_and_of_one_shape(structure: str) -> None:
    pairs = simulated(structure=structure)
    assert [pair.image for pair in pairs] == ["train-000", "train-001", "test-000", "test-001"]
    assert [pair.split for pair in pairs] == ["train", "train", "test", "test"]
    assert len({pair.field for pair in pairs}) == 4
    for pair in pairs:
        assert pair.low.shape == pair.high.shape == (96, 96)
        assert pair.low.dtype == pair.high.dtype == np.uint16
        assert pair.shift_yx == (0.0, 0.0)
        # The same scene, a hundred times the light.
        gain = np.cov(pair.low.ravel(), pair.high.ravel())
        assert gain[0, 1] / gain[1, 1] == pytest.approx(0.01, rel=0.1)
        assert 0.5 < correlation(pair.low, pair.high) < 0.999


@pytest.mark.parametrize("structure", structures.names())
def test_same_seed_same_bytes_other_seed_other_cells(structure: str) -> None:
    few = {"structure": structure, "train_images": 1, "test_images": 1}
    first, again = simulated(**few), simulated(**few)
    for one, two in zip(first, again, strict=True):
        assert one.low.tobytes() == two.low.tobytes()
        assert one.high.tobytes() == two.high.tobytes()
    other = simulated(**few, seed=8)
    assert all(correlation(one.high, two.high) < 0.8 for one, two in zip(first, other, strict=True))


def test_an_image_does_not_depend_on_how_many_others_there_are() -> None:
    few = simulated(structure="dendra", train_images=1)
    many = simulated(structure="dendra", train_images=3)
    for one, two in zip([few[0], *few[-2:]], [many[0], *many[-2:]], strict=True):
        assert one.image == two.image
        assert one.low.tobytes() == two.low.tobytes()


def test_structures_of_one_seed_are_taken_with_one_camera() -> None:
    dark = {"light": 1e-9, "background": 0, "exposures_ms": [1, 1]}
    uneven = {"camera": {"gain": 10, "pixel_offset": 3, "read_noise": 0.1, "row_noise": 0}}
    few = {"train_images": 1, "test_images": 0, **dark, **uneven}
    actin, dendra = (simulated(structure=name, **few)[0].low for name in ("actin", "dendra"))
    assert correlation(actin, dendra) > 0.9
    assert abs(correlation(actin, simulated(**few, seed=8)[0].low)) < 0.1


def test_fields_share_no_structure() -> None:
    """No patch of a test field fits anywhere in a training field better than chance has it."""
    pairs = simulated(train_images=3, test_images=3, size=128)

    def detail(pair: SimulatedPair) -> np.ndarray:
        spectrum = np.fft.rfft2(
            pair.high.astype(float) * np.outer(np.hanning(128), np.hanning(128))
        )
        return np.fft.irfft2(spectrum / (np.abs(spectrum) + 1e-9))

    def likeness(one: np.ndarray, two: np.ndarray) -> float:
        return float(np.fft.irfft2(np.fft.rfft2(one) * np.conj(np.fft.rfft2(two))).max())

    details = [detail(pair) for pair in pairs]
    itself = likeness(details[0], details[0])
    crossed = [likeness(one, two) for one in details[:3] for two in details[3:]]
    assert max(crossed) < 0.1 * itself


def displaced(image: np.ndarray, shift_yx: tuple[float, float]) -> np.ndarray:
    y = np.fft.fftfreq(image.shape[0])[:, None] * shift_yx[0]
    x = np.fft.fftfreq(image.shape[1]) * shift_yx[1]
    return np.fft.ifft2(np.fft.fft2(image) * np.exp(-2j * np.pi * (y + x))).real[10:-10, 10:-10]


def test_the_stated_shift_is_there() -> None:
    # Two exposures of equal length: both are clean, so that the shift can be measured well.
    pairs = simulated(max_shift_px=3.0, exposures_ms=[100, 100], train_images=4, test_images=0)
    nudges = [(dy, dx) for dy in (-0.1, 0.0, 0.1) for dx in (-0.1, 0.0, 0.1)]
    for pair in pairs:
        high = pair.high[10:-10, 10:-10]
        y, x = pair.shift_yx
        fit = {
            nudge: correlation(displaced(pair.low, (y + nudge[0], x + nudge[1])), high)
            for nudge in nudges
        }
        assert max(fit, key=fit.__getitem__) == (0.0, 0.0)
        assert fit[0.0, 0.0] > 0.995
    shifts = np.array([pair.shift_yx for pair in pairs])
    assert 1.0 < np.abs(shifts).max() <= 3.0
    assert len(np.unique(shifts)) == shifts.size


MOVIE: dict[str, Any] = {
    "train_images": 0,
    "test_images": 0,
    "movie_frames": 9,
    "exposures_ms": [10, 400],
    "light": 20,
    "motion": {"flow_um_per_s": 0.05, "wander_um_per_s": 0.1, "frame_interval_s": 1.0},
}


@pytest.mark.parametrize("structure", structures.names())
def test_frames_of_a_movie_move(structure: str) -> None:
    frames = simulated(structure=structure, **MOVIE)
    assert [frame.image for frame in frames] == [f"frame-{k:03d}" for k in range(9)]
    assert {frame.field for frame in frames} == {"movie"}
    assert {frame.split for frame in frames} == {"test"}
    alike = [correlation(frames[0].high, frame.high) for frame in frames]
    assert alike[1] > 0.95
    assert alike[1] > alike[4] + 0.005 > alike[8] + 0.01


def wandering(count: int = 2000) -> Motion:
    still = Emitters(
        yx=np.zeros((count, 2)),
        weight=np.ones(count),
        plane=np.zeros(count, np.int8),
        body=np.arange(1, count + 1),
    )
    rng = np.random.default_rng(5)
    return Motion(rng, still, flow_um_per_s=0, wander_um_per_s=0.1)


@pytest.mark.parametrize("time_s", [0.0, 3.0, 20.0, 100.0])
def test_bodies_wander_at_the_stated_speed(time_s: float) -> None:
    motion = wandering()
    steps = motion.at(time_s + 0.01).yx - motion.at(time_s).yx
    speed = np.sqrt(np.mean(np.sum(steps**2, axis=1))) / 0.01
    assert speed == pytest.approx(0.1, rel=0.05)


def test_bodies_are_never_all_back_at_once() -> None:
    motion = wandering()
    away = [np.sqrt(np.mean(motion.at(time_s).yx ** 2)) for time_s in range(10, 201)]
    assert motion.at(0).yx.max() == 0
    assert min(away) > 0.5 * max(away)


def test_a_delay_between_the_exposures_moves_the_sample() -> None:
    at_once, later = (
        simulated(**{**MOVIE, "movie_frames": 1, "motion": {**MOVIE["motion"], "pair_delay_s": d}})
        for d in (0.0, 6.0)
    )
    assert correlation(later[0].low, later[0].high) < correlation(at_once[0].low, at_once[0].high)


def test_label_bleaches() -> None:
    faded = {**MOVIE, "motion": {"frame_interval_s": 1.0, "bleaching_per_s": 0.1}, "background": 0}
    frames = simulated(**faded)
    light = np.array([frame.high.mean() - 100 for frame in frames])
    expected = np.exp(-0.1 * 0.41 * np.arange(9))
    np.testing.assert_allclose(light / light[0], expected, rtol=0.01)


def test_less_light_is_noisier() -> None:
    bright, dim = (simulated(structure="mitochondria", light=light) for light in (200, 20))
    for more, less in zip(bright, dim, strict=True):
        assert correlation(less.low, less.high) < correlation(more.low, more.high)


def test_mistakes_are_told() -> None:
    with pytest.raises(InputError, match="structure must be one of actin, dendra, mitochondria"):
        simulated(structure="tubulin")
    with pytest.raises(InputError, match="test_images must be 0 when movie_frames is 9"):
        simulated(**{**MOVIE, "test_images": 3})
    with pytest.raises(InputError, match="light must be above zero"):
        simulated(light=0)
    with pytest.raises(InputError, match="Each of exposures_ms must be above zero, but is 0"):
        simulated(exposures_ms=[0, 100])
    with pytest.raises(InputError, match=r"background must not be below zero, but is -0\.5"):
        simulated(background=-0.5)
    with pytest.raises(InputError, match="wander_um_per_s must not be below zero, but is -1"):
        simulated(motion={"wander_um_per_s": -1})


# The schema


def errors(entry: dict[str, Any]) -> list[str]:
    entry = {key: value for key, value in entry.items() if key != "pixel_size_um"}
    schema = yaml.safe_load(SCHEMA.read_text())
    return [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(entry)]


def test_schema_takes_what_the_simulator_takes() -> None:
    assert errors(settings()) == []
    assert errors(settings(**{**MOVIE, "train_images": 3})) == []
    assert (
        yaml.safe_load(SCHEMA.read_text())["properties"]["structure"]["enum"] == structures.names()
    )


@pytest.mark.parametrize("part", [(), ("optics",), ("camera",), ("motion",)])
def test_schema_is_closed(part: tuple[str, ...]) -> None:
    def inner(entry: dict[str, Any]) -> dict[str, Any]:
        return entry[part[0]] if part else entry

    entry = settings()
    inner(entry)["lihgt"] = 1
    assert any("'lihgt' was unexpected" in message for message in errors(entry))
    for key in inner(settings()).keys() - {"pixel_size_um"}:
        entry = settings()
        del inner(entry)[key]
        assert errors(entry) == [f"'{key}' is a required property"]
