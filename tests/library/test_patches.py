import numpy as np
import pytest

from denoisekit.errors import InputError
from denoisekit.images.normalization import moments_normalizer
from denoisekit.training import patches


def spot_pair(shape=(96, 96), at=(30, 50)):
    """A pair with one bright spot on a dim, numbered ground, so that a patch tells its place."""
    ground = np.arange(np.prod(shape)).reshape(shape) / np.prod(shape)
    high = ground.copy()
    high[tuple(slice(a - 2, a + 3) for a in at)] = 100
    return ground * 1000, high


def extract(low, high, *, count=50, size=16, seed=1):
    rng = np.random.default_rng(seed)
    return patches.extract_patches(low, high, patch_size=size, count=count, rng=rng, name="x")


def test_patches_are_cut_where_their_positions_say():
    low, high = spot_pair()
    cut = extract(low, high)
    y, x = cut.positions[7]
    assert cut.low.shape == (50, 16, 16)
    assert cut.low.dtype == np.float32
    gain, offset = np.polyfit(low[y : y + 16, x : x + 16].ravel(), cut.low[7].ravel(), 1)
    expected = gain * low[y : y + 16, x : x + 16] + offset
    np.testing.assert_allclose(cut.low[7], expected, atol=1e-4)


def test_patches_centre_on_the_foreground():
    cut = extract(*spot_pair())
    distance = np.abs(cut.positions + 8 - [30, 50]).max(axis=1)
    assert distance.max() <= 2 + 4


def test_negative_values_and_their_offset_do_not_hide_the_foreground():
    low, high = spot_pair()
    at_zero = extract(low, high - high.min())
    for offset in (-10 * high.max(), -high.mean()):
        cut = extract(low, high - high.min() + offset)
        np.testing.assert_array_equal(cut.positions, at_zero.positions)


def test_no_place_is_taken_twice_where_there_are_enough():
    cut = extract(*spot_pair(), count=60)
    assert len(np.unique(cut.positions, axis=0)) == 60


def test_places_repeat_where_there_are_too_few():
    cut = extract(*spot_pair(), count=400)
    assert len(np.unique(cut.positions, axis=0)) < 400


def test_the_same_seed_gives_the_same_patches():
    first, again, other = (extract(*spot_pair(), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.low, again.low)
    assert not np.array_equal(first.positions, other.positions)


def test_normalisation_uses_percentiles_of_the_whole_image():
    rng = np.random.default_rng(0)
    high = rng.uniform(0, 1, (128, 128))
    cut = extract(high * 50 + 7, high, count=200)
    np.testing.assert_allclose(cut.low, cut.high, atol=2e-5)
    # A uniform image's percentile p is p / 100: the two ends must be drawn from CSBDeep's ranges.
    pixels = np.stack([high[y : y + 16, x : x + 16] for y, x in cut.positions]).reshape(200, -1)
    ends = [np.polyfit(c.ravel(), p, 1) for c, p in zip(cut.high, pixels, strict=True)]
    scale, low = np.transpose(ends)
    assert 0.009 < low.min() < 0.013
    assert 0.027 < low.max() < 0.032
    assert 0.993 < (low + scale).min() < (low + scale).max() < 1.0


def test_three_axes_work_alike():
    low, high = spot_pair((24, 40, 40), (12, 20, 20))
    assert extract(low, high, size=8).high.shape == (50, 8, 8, 8)


def test_small_and_empty_images_are_refused():
    with pytest.raises(InputError, match="10 x 96 px, smaller than a patch of 16 px"):
        extract(np.ones((10, 96)), np.ones((10, 96)))
    with pytest.raises(InputError, match="no place for a patch"):
        extract(np.zeros((96, 96)), np.zeros((96, 96)))
    with pytest.raises(InputError, match="must have the same shape"):
        extract(np.ones((96, 95)), np.ones((96, 96)))


def split(fields, seed=5):
    images = [f"image-{i}" for i in range(len(fields))]
    sides = patches.split_images(images, fields, validation_fraction=0.2, seed=seed)
    return [sides[image] for image in images]


def test_images_are_split_four_to_one_and_fields_stay_together():
    sides = split([f"cell-{i // 3}" for i in range(30)])
    assert sides.count("validation") == 6
    assert all(len(set(sides[i : i + 3])) == 1 for i in range(0, 30, 3))
    assert split([f"cell-{i // 3}" for i in range(30)]) == sides
    assert split([f"cell-{i // 3}" for i in range(30)], seed=6) != sides


def test_regions_of_one_field_are_split_one_by_one():
    assert split(["field"] * 5).count("validation") == 1


def test_one_image_cannot_be_split():
    with pytest.raises(InputError, match="at least two images"):
        split(["a"])


def test_patches_in_the_images_units_are_what_is_at_their_positions():
    image = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50)
    rng = np.random.default_rng(0)
    positions = patches.random_positions(image, patch_size=8, count=3000, rng=rng, name="x")
    assert positions.min(axis=0).tolist() == [0, 0]
    assert positions.max(axis=0).tolist() == [32, 42]
    found = patches.cut(image, positions, patch_size=8)
    assert found.dtype == np.float32
    for (y, x), patch in zip(positions[:50], found, strict=False):
        np.testing.assert_array_equal(patch, image[y : y + 8, x : x + 8])


def test_an_image_smaller_than_a_patch_is_told():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="cell is 40 x 7 px, smaller than a patch of 8 px"):
        patches.random_positions(np.zeros((40, 7)), patch_size=8, count=1, rng=rng, name="cell")


def test_patches_are_split_by_image_and_those_of_a_single_image_one_by_one():
    options = {"count": 10, "validation_fraction": 0.3, "seed": 0}
    several = patches.split(["a", "b", "c"], ["a", "b", "c"], **options)
    assert sorted(several[0::10]) == ["training", "training", "validation"]
    assert all(len(set(several[n : n + 10])) == 1 for n in (0, 10, 20))
    assert patches.split(["a"], ["a"], **options).count("validation") == 3


@pytest.mark.parametrize(("times", "named"), [((1, 1, 8), None), ((1, 1, 300), ("a, b", 2))])
def test_images_without_contrast_beside_others_are_named(times, named):
    noise = np.random.default_rng(0).normal(size=(3, 10, 16, 16))
    all_seen = (noise * np.reshape(times, (3, 1, 1, 1))).reshape(30, 16, 16).astype(np.float32)
    normalizer = moments_normalizer(all_seen, name="x")
    told = patches.without_contrast(all_seen, ["a", "b", "c"], normalizer=normalizer)
    if named is None:
        assert told is None
    else:
        names, count = named
        assert f"train on, {count} of 3 ({names}) have next to no contrast" in told


@pytest.mark.parametrize("low_shape", [(8, 8), (5, 8, 8)])
def test_a_pair_that_is_a_patch_is_taken_as_it_is(low_shape):
    rng = np.random.default_rng(0)
    low, high = rng.standard_normal(low_shape), rng.standard_normal((8, 8))
    taken = patches.take_whole(low, high, sides=(8, 8), name="x")
    np.testing.assert_array_equal(taken.low, low[None].astype(np.float32))
    np.testing.assert_array_equal(taken.high, high[None].astype(np.float32))
    assert taken.positions.tolist() == [[0, 0]]
    with pytest.raises(
        InputError, match=r"x is 8 x 8 px and a patch itself .* patches are of 4 px"
    ):
        patches.take_whole(low, high, sides=(4, 4), name="x")


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_counts_are_no_patches_that_are_normalised(kind):
    counts = np.random.default_rng(0).poisson(9, (8, 8)).astype(kind)
    normalised = counts / 9 - 0.1
    with pytest.raises(InputError, match="x, in its low exposure, has whole numbers alone, from"):
        patches.take_whole(counts, normalised, sides=(8, 8), name="x")
    with pytest.raises(InputError, match="x, in its high exposure, has whole numbers alone"):
        patches.take_whole(normalised, counts, sides=(8, 8), name="x")
    patches.take_whole(normalised, np.zeros((8, 8)), sides=(8, 8), name="x")
