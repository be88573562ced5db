import numpy as np
import pytest

from denoisekit.evaluation.display import (
    display,
    display_without_truth,
    maps_together,
    most_detailed,
    view_of,
    views,
)


@pytest.fixture
def truth():
    rng = np.random.default_rng(0)
    return 100 + 50 * rng.random((40, 60))


def shown(truth, **restored):
    noisy = truth + np.random.default_rng(1).normal(0, 20, truth.shape)
    return display(truth, noisy, restored.items(), side_px=512)


def test_the_truth_spans_its_percentiles(truth):
    low, high = np.percentile(truth, (0.1, 99.9))
    expected = np.rint(255 * np.clip((truth - low) / (high - low), 0, 1))
    assert np.array_equal(shown(truth).truth, expected)


def test_brightness_and_contrast_are_fitted(truth):
    same = shown(truth, brighter=3 * truth + 7)
    assert np.abs(same.images["brighter"].astype(int) - same.truth).max() <= 1
    assert same.errors["brighter"].max() == 0


def test_errors_end_at_the_percentile_of_the_restored_images(truth):
    spoilt = truth.copy()
    spoilt[:4, :4] += np.arange(20, 100, 5).reshape(4, 4)
    made = shown(truth, spoilt=spoilt)
    share = np.mean(made.errors["spoilt"] == 255)
    assert share == pytest.approx(0.005, abs=0.001)
    assert made.errors["spoilt"][:4, :4].mean() > made.errors["spoilt"][4:, 4:].mean()


def test_a_study_without_methods_shows_the_input_alone(truth):
    made = shown(truth)
    assert list(made.images) == list(made.errors) == ["noisy"]
    assert made.error_top > 0


def test_large_scenes_are_cut_where_the_truth_varies_most():
    truth = np.random.default_rng(2).normal(100, 1, (200, 300))
    truth[100:150, 150:200] = np.random.default_rng(3).normal(100, 30, (50, 50))
    made = display(truth, truth, [("same", truth)], side_px=50)
    assert made.window == (slice(100, 150), slice(150, 200))
    assert made.truth.shape == made.images["same"].shape == made.errors["noisy"].shape == (50, 50)


def test_a_narrow_scene_keeps_its_width():
    image = np.random.default_rng(4).random((20, 100))
    rows, columns = most_detailed(image, 50)
    assert rows == slice(0, 20)
    assert columns.stop - columns.start == 50


def test_without_a_truth_all_are_fitted_to_the_input_on_one_scale(truth):
    noisy = truth + np.random.default_rng(1).normal(0, 5, truth.shape)
    restored = {"same": noisy, "brighter": 3 * noisy + 7}
    made = display_without_truth(noisy, restored.items(), side_px=512)
    black, white = np.percentile(noisy, (0.1, 99.9))
    expected = np.rint(255 * np.clip((noisy - black) / (white - black), 0, 1))
    for name in ("noisy", "same", "brighter"):
        assert np.abs(made.images[name] - expected).max() <= 1
    assert made.truth is None
    assert made.error_top is None
    assert made.errors == {}


def test_the_gain_is_that_to_the_range_that_is_shown(truth):
    ends = np.percentile(truth, (0.1, 99.9))
    made = shown(truth, dimmer=truth / 4 + 3)
    assert made.gains["dimmer"] == pytest.approx(4 / np.ptp(ends))
    noisy = 2 * truth
    blind = display_without_truth(noisy, [("dimmer", truth / 4 + 3)], side_px=512)
    assert blind.gains["dimmer"] == pytest.approx(8 / np.ptp(np.percentile(noisy, (0.1, 99.9))))


def test_maps_of_one_kind_share_a_scale_from_0():
    rng = np.random.default_rng(4)
    narrow, wide = rng.uniform(0, 1, (40, 60)), rng.uniform(0, 4, (40, 60))
    wide[0, 0] = np.nan
    pictures, top = maps_together({"a": narrow, "b": wide}, (slice(0, 40), slice(0, 20)))
    assert top == pytest.approx(np.nanpercentile(wide, 99.5))
    expected = np.rint(255 * np.clip(narrow[:, :20] / top, 0, 1))
    assert np.array_equal(pictures["a"], expected)
    assert pictures["b"][0, 0] == 0
    assert pictures["b"].shape == (40, 20)


def test_a_volume_is_fitted_as_a_whole_and_all_of_it_has_one_scale():
    rng = np.random.default_rng(0)
    truth = 100 + 50 * rng.random((7, 40, 60)) * np.linspace(0.2, 1, 7)[:, None, None]
    noisy = truth + rng.normal(0, 20, truth.shape)
    made = display(truth, noisy, [("brighter", 3 * truth + 7)], side_px=30)
    rows, columns = made.window
    assert made.truth.shape == made.images["noisy"].shape == (7, 30, 30)
    low, high = np.percentile(truth, (0.1, 99.9))
    expected = np.rint(255 * np.clip((truth[:, rows, columns] - low) / (high - low), 0, 1))
    np.testing.assert_array_equal(made.truth, expected)
    assert np.abs(made.images["brighter"].astype(int) - made.truth).max() <= 1
    assert made.errors["brighter"].max() == 0
    blind = display_without_truth(noisy, [("same", truth)], side_px=30)
    assert blind.images["same"].shape == (7, 30, 30)


@pytest.mark.parametrize(
    ("depth", "planes", "numbers"), [(32, 9, [0, 4, 8, 12, 16, 19, 23, 27, 31]), (3, 9, [0, 1, 2])]
)
def test_planes_are_spread_over_a_volume_with_its_middle_first(depth, planes, numbers):
    found = views((depth, 40, 60), planes=planes)
    middle = depth // 2
    assert found.pop("") == f"plane {middle + 1} of {depth}"
    assert found.pop("along-x") == "section along z and x"
    assert found.pop("along-y") == "section along z and y"
    kept = [int(name.removeprefix("plane-")) for name in found]
    assert sorted([*kept, middle]) == sorted({*numbers, middle})
    assert kept == sorted(kept)


def test_a_plane_has_one_view_and_a_volume_of_one_plane_shown_too():
    assert views((40, 60), planes=9) == {"": ""}
    assert views((32, 40, 60), planes=1) == {"": "plane 17 of 32"}


def test_a_view_is_cut_where_its_name_says():
    picture = np.random.default_rng(0).integers(0, 255, (8, 40, 60)).astype(np.uint8)
    np.testing.assert_array_equal(view_of(picture, "", aspect=2), picture[4])
    np.testing.assert_array_equal(view_of(picture, "plane-7", aspect=2), picture[7])
    np.testing.assert_array_equal(view_of(picture, "along-x", aspect=1), picture[:, 20])
    np.testing.assert_array_equal(view_of(picture, "along-y", aspect=1), picture[:, :, 30])
    assert view_of(picture, "along-x", aspect=2.6).shape == (21, 60)
    np.testing.assert_array_equal(view_of(picture[0], "", aspect=1), picture[0])
