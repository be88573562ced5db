import numpy as np
import pytest
from commands import make_model
from scipy.ndimage import gaussian_filter

from denoisekit import files
from denoisekit.datasets.common_units import TruthUnits, truth_in_common, truths_of
from denoisekit.datasets.pairs import Pair
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.normalization import Normalizer
from denoisekit.noise.card import departure
from denoisekit.noise.estimate import NoiseFit
from denoisekit.noise.fitting import fit_photons
from denoisekit.noise.units import (
    Units,
    check_alike,
    map_to_common,
    measure,
    reference_line,
    warning,
)
from denoisekit.restoring import inference, model, model_folder
from denoisekit.training.frames import gather

GAIN, OFFSET, READ_NOISE = 2.0, 100.0, 3.0


def photons(seed, *, light=40, side=128):
    """Mean photons of a scene whose dim and bright parts both hold many pixels."""
    scene = gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), 6)
    return light * np.exp(scene / scene.std())


def camera(mean, seed, *, gain=GAIN, offset=OFFSET):
    rng = np.random.default_rng(seed)
    signal = rng.poisson(mean) + rng.normal(0, READ_NOISE / GAIN, mean.shape)
    return (gain * signal + offset).astype(np.float32)


def line_of(*images):
    return reference_line([measure([image]) for image in images])


def test_the_reference_is_the_cameras_photon_transfer_line():
    line = line_of(*(camera(photons(seed), seed) for seed in range(5)))
    assert line.gain == pytest.approx(GAIN, rel=0.05)
    assert line.intercept == pytest.approx(READ_NOISE**2 - GAIN * OFFSET, rel=0.05)
    assert reference_line([None, measure([camera(photons(1), 1)]), None]).gain > 1
    assert reference_line([None]) is None


@pytest.mark.parametrize("light", [2, 40, 300])
def test_images_of_one_camera_are_in_common_units_however_bright(light):
    line = line_of(camera(photons(0), 0))
    found = measure([camera(photons(1, light=light), 1)])
    assert map_to_common(found, line, name="a") == Units()
    assert warning(found, line, name="a") is None


@pytest.mark.parametrize(("gain", "offset"), [(10.0, 20.0), (0.5, -3.0), (2.0, 1000.0)])
def test_images_in_other_units_are_brought_to_common_ones(gain, offset):
    line = line_of(*(camera(photons(seed, side=256), seed) for seed in range(3)))
    mean = photons(7, side=256)
    other = camera(mean, 7, gain=gain, offset=offset)
    found = map_to_common(measure([other]), line, name="other.tif")
    np.testing.assert_allclose(found.scale, GAIN / gain, rtol=0.08)
    error = found.common(other) - camera(mean, 7)
    assert np.abs(error).mean() < 0.05 * np.ptp(GAIN * mean)
    assert "other.tif" in found.note
    assert "other.tif is in other units" in warning(measure([other]), line, name="other.tif")


def test_what_normalises_an_image_in_its_own_units_does_as_the_map_and_the_normaliser():
    found, normalizer = Units(0.25, 7.0), Normalizer(40.0, 60.0)
    pixels = np.arange(50.0, 150.0)
    expected = normalizer.apply(found.common(pixels))
    np.testing.assert_allclose(
        normalizer.before(scale=0.25, level=7.0).apply(pixels), expected, rtol=1e-5, atol=1e-5
    )
    assert normalizer.before(scale=1, level=0) is normalizer


def test_an_image_without_measurable_noise_is_taken_as_it_is_and_told():
    line = NoiseFit(2.0, -190.0)
    found = map_to_common(measure([np.full((64, 64), 5.0)]), line, name="flat")
    assert (found.scale, found.level) == (1, 0)
    assert "flat cannot be measured" in found.note
    assert map_to_common(None, None, name="flat") == Units()


def test_large_images_are_measured_in_parts_of_all_quarters():
    image = camera(photons(0, side=1100), 0)
    line = measure([image]).line
    assert line.gain == pytest.approx(GAIN, rel=0.05)
    image[:, 550:] = 100
    assert measure([image], [image != 100]).line.gain == pytest.approx(GAIN, rel=0.05)


def test_long_and_narrow_images_are_measured():
    strip = camera(photons(0, side=1100)[:, :40], 0)
    assert measure([strip]).line.gain == pytest.approx(GAIN, rel=0.15)


def write_pairs(folder, truths, *, gains, scale=()):
    """Write a folder of registered pairs, with what registration would measure of them."""
    rows, quality = [], []
    for number, (gain, offset) in enumerate(gains):
        name, mean = f"image-{number}", photons(number)
        factor = scale[number] if scale else 1.0
        low = camera(mean, number, gain=factor * GAIN, offset=factor * OFFSET)
        exact = factor * (GAIN * mean + OFFSET)
        known = np.isfinite(gain)
        high = (gain * exact + offset if known else np.full_like(exact, 4)).astype(np.float32)
        write_image(folder / f"low/{name}.tif", low, pixel_size_um=0.1)
        write_image(folder / f"high/{name}.tif", high, pixel_size_um=0.1)
        truths.append((low, high, exact))
        quality.append({"image": name, "gain": gain, "offset": offset})
        rows.append(Pair(name, "train", "low.tif", "high.tif", None, None, name, "fields", None))
    files.write_table(folder / "quality.tsv", quality)
    return rows


def gathered(folder, rows, target, told=None):
    folder = str(folder)
    table = [
        {
            **{"image": row.image, "split": row.split, "field": row.field, "series": row.series},
            **{"low": row.low, "high": row.high, "page": "", "region": "", "channel": ""},
            **{"scene": "", "depth": "", "stack": "", "blank": "no"},
        }
        for row in rows
    ]
    files.write_table(f"{folder}/pairs.tsv", table)
    told = [] if told is None else told
    report = lambda line, **_: told.append(line)  # noqa: E731
    return gather(folder, rows, target=target, outside=None, report=report)


def test_truths_are_learned_in_their_short_exposures_units(tmp_path):
    made = []
    rows = write_pairs(tmp_path, made, gains=[(30.0, 5.0), (3.0, -50.0)])
    frames = gathered(tmp_path, rows, "matched")
    for row, (low, high, exact) in zip(rows, made, strict=True):
        pixels, _ = frames.read(row.image)
        learned = frames.in_units(row.image, pixels)
        np.testing.assert_array_equal(learned["low"], low)
        np.testing.assert_allclose(learned["high"], exact, rtol=1e-4)
        unmatched = gathered(tmp_path, rows, "clean").in_units(row.image, pixels)
        np.testing.assert_array_equal(unmatched["high"], high)
    # Thirty times and three times: there is no unit of the truths.
    assert frames.truth is None


def test_short_and_long_exposures_of_unlike_units_are_learned_in_common_ones(tmp_path):
    made, told = [], []
    scale = [1.0, 1.0, 6.0]
    rows = write_pairs(tmp_path, made, gains=[(4.0, 5.0)] * 3, scale=scale)
    frames = gathered(tmp_path, rows, "matched-photons", told)
    assert [line.split(" is ")[0][-7:] for line in told] == ["image-2"]
    for row, (_, _, exact), factor in zip(rows, made, scale, strict=True):
        learned = frames.in_units(row.image, frames.read(row.image)[0])
        np.testing.assert_allclose(learned["high"], exact / factor, rtol=0.12)
        ratio = (learned["low"] - learned["high"]).std() / (
            learned["high"] - OFFSET + 5
        ).mean() ** 0.5
        assert ratio == pytest.approx(GAIN**0.5, rel=0.2)
    told.clear()
    gathered(tmp_path, rows, "matched", told)
    assert len(told) == 1
    assert "image-2 is in other units" in told[0]
    assert "normalization: photons" in told[0]


def test_of_a_pair_that_shows_too_little_the_others_tell_the_truths_units(tmp_path):
    rows = write_pairs(tmp_path, [], gains=[(4.0, 5.0), (np.nan, np.nan), (6.0, 7.0)])
    found = truths_of(tmp_path, [row.image for row in rows])
    assert found["image-1"] == TruthUnits(5.0, 6.0)
    rows = write_pairs(tmp_path, [], gains=[(np.nan, np.nan)])
    assert truths_of(tmp_path, ["image-0"]) == {}
    with pytest.raises(InputError, match="of no pair to train on"):
        gathered(tmp_path, rows, "matched")


def test_truths_against_images_in_common_units():
    truths = {"a": TruthUnits(4.0, 10.0), "b": TruthUnits(2.0, 30.0)}
    maps = {"b": Units(0.5, 10.0)}
    # b: truth = 2 * own + 30 and common = 0.5 * own + 10, so truth = 4 * common - 10.
    found = truth_in_common(truths, maps)
    assert (found.gain, found.offset) == pytest.approx((4.0, 0.0))
    assert truth_in_common(truths, {}) is None
    assert truth_in_common({}, {}) is None


def trained(folder, *, normalization="photons", truth=None, probabilistic=False):
    """Leave an untrained network that was told the units of its training, and open it."""
    make_model(folder, normalizer=Normalizer(100.0, 300.0), probabilistic=probabilistic)
    card = files.read_json(folder / "card.json")
    card["method"]["normalization"] = normalization
    card["units"] = {"noise": vars(line_of(camera(photons(0), 0))), "truth": truth}
    files.write_json(folder / "card.json", card)


@pytest.mark.parametrize("movie", [False, True])
def test_images_of_any_gain_are_restored_alike_in_their_own_units(tmp_path, movie):
    trained(tmp_path)
    told = []
    restore = model_folder.open(tmp_path, device="cpu", precision="full", note=told.append)
    image = camera(photons(3), 3)
    stretched = 7 * image - 400
    of_stretched = restore
    if movie:
        planes = [stretched] * 5
        of_stretched = restore.alike(iter(planes), pixels=5 * image.size)
    expected, found = restore(image), of_stretched(stretched)
    spread = np.abs(expected - image).std()
    np.testing.assert_allclose((found + 400) / 7, expected, atol=0.1 * spread)
    assert len(told) == 1


def test_a_network_that_takes_all_images_alike_warns_of_other_units(tmp_path):
    trained(tmp_path, normalization="mean-std")
    told = []
    restore = model_folder.open(tmp_path, device="cpu", note=told.append)
    image = camera(photons(3), 3)
    restore(image, "a.tif")
    assert told == []
    restore(7 * image, "b.tif")
    assert "b.tif is in other units" in told[0]


def test_restored_images_come_in_the_truths_units_if_asked(tmp_path):
    trained(tmp_path, truth={"gain": 30.0, "offset": -4.0}, probabilistic=True)
    image = camera(photons(3), 3)
    own = model_folder.open(tmp_path, device="cpu").predict(image)
    of_truth = model_folder.open(tmp_path, device="cpu", units="truth").predict(image)
    np.testing.assert_allclose(of_truth.mean, 30 * own.mean - 4, rtol=1e-5)
    np.testing.assert_allclose(of_truth.scale, 30 * own.scale, rtol=1e-5)
    files.write_json(tmp_path / "prediction.json", {"units": "truth"})
    by_study = model_folder.open(tmp_path, device="cpu")(image)
    np.testing.assert_array_equal(by_study, of_truth.mean)
    with pytest.raises(InputError, match="must be one of image, truth"):
        model_folder.open(tmp_path, device="cpu", units="photons")


def test_pixels_outside_of_the_field_keep_their_value_in_the_truths_units(tmp_path):
    trained(tmp_path, truth={"gain": 30.0, "offset": -4.0})
    image = camera(photons(3), 3)
    image[:, :40] = 0
    restored = model_folder.open(tmp_path, device="cpu", units="truth")(image)
    assert (restored[:, :40] == 0).all()
    assert restored[:, 60:].mean() > 1000


def test_there_are_no_units_of_a_truth_that_was_not_seen(tmp_path):
    trained(tmp_path)
    card = model_folder.read_card(tmp_path)
    loaded = model.load(tmp_path / "last.safetensors", card, device="cpu")
    with pytest.raises(InputError, match="no units of the truth"):
        inference.Restorer(loaded, (2, 99.8), tile=64, precision="full", units="truth")


def test_one_noise_model_for_images_of_unlike_gain_is_refused():
    alike = {f"{seed}": measure([camera(photons(seed), seed)]) for seed in range(3)}
    dim = {"dim": measure([camera(photons(4, light=2), 4)]), "flat": None}
    check_alike({**alike, **dim})
    check_alike({"flat": None})
    other = {"stretched": measure([camera(photons(5), 5, gain=5 * GAIN, offset=20)])}
    with pytest.raises(InputError, match=r"of 1 of 4 is not that of .*: \S+ in stretched"):
        check_alike({**alike, **other})


@pytest.mark.parametrize(
    ("gain", "times"), [(GAIN, "like"), (5 * GAIN, "more"), (GAIN / 3, "less")]
)
def test_an_image_whose_noise_is_not_the_noise_models_is_told(gain, times):
    mean = photons(0)
    model = fit_photons(
        GAIN * mean + OFFSET, camera(mean, 0), values=(-100, 1e5), step=0, origin="pairs"
    )
    # Another exposure, too, so that the image's values are those that the model is of.
    image = camera(photons(1) * GAIN / gain, 1, gain=gain)
    said = departure(measure([image]), model, name="image.tif")
    found = float(said.split("noise of ")[1].split()[0]) if said else 1.0
    assert {"like": found == 1, "more": found > 3, "less": found < 0.5}[times]
    assert departure(None, model, name="image.tif") is None
