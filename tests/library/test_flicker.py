import numpy as np
import pytest

from denoisekit.evaluation.flicker import sampled_frames
from denoisekit.evaluation.uncertainty import LaplaceMixture

WINDOW = (slice(10, 50), slice(0, 60))


def scene():
    """Return a truth, and two members that see it in other units and one pixel apart."""
    rng = np.random.default_rng(0)
    truth = 100 + 20 * rng.gamma(2, 1, (60, 80))
    means = 3 * np.stack([truth, np.roll(truth, 1, axis=1)]) - 50
    return truth, means, np.full(means.shape, 0.01)


def frames(*, temperature=float("nan"), count=12, seed=0, usable=None, only=slice(None)):
    truth, means, scales = scene()
    usable = np.ones(truth.shape, bool) if usable is None else usable
    mixture = LaplaceMixture(means[only][:, usable], scales[only][:, usable])
    settings = {"temperature": temperature, "count": count, "seed": seed}
    return sampled_frames(truth, mixture, usable=usable, window=WINDOW, **settings)


def test_each_frame_is_of_one_member_whole():
    found = np.array(frames())
    assert found.shape == (12, 40, 60)
    assert found.dtype == np.uint8
    # Scales are next to nothing: there are two pictures, far apart, and no mix of both.
    apart = np.abs(found[:, None].astype(int) - found).mean((2, 3))
    assert set(np.unique(apart > 10)) == {False, True}
    assert (apart[apart <= 10] < 0.1).all()
    assert len(np.unique(apart > 10, axis=0)) == 2


def test_a_sample_of_one_certain_member_is_the_truth_between_its_percentiles():
    truth, *_ = scene()
    ends = np.percentile(truth, (0.1, 99.9))
    expected = 255 * np.clip((truth - ends[0]) / np.ptp(ends), 0, 1)[WINDOW]
    (frame,) = frames(count=1, only=slice(0, 1))
    assert np.abs(frame - expected).max() < 2


def test_frames_are_the_same_each_time_and_flicker_more_with_the_temperature():
    assert np.array_equal(frames(count=3), frames(count=3))
    assert not np.array_equal(frames(count=3), frames(count=3, seed=1))
    one = {"count": 40, "only": slice(0, 1)}
    spread = [np.std(frames(temperature=factor, **one), axis=0).mean() for factor in (100, 200)]
    assert spread[1] == pytest.approx(2 * spread[0], rel=0.1)


def test_pixels_that_are_none_of_the_image_are_black():
    usable = np.ones((60, 80), bool)
    usable[20:30, 5:9] = False
    found = np.array(frames(usable=usable, temperature=100))
    assert not found[:, 10:20, 5:9].any()
    assert found[:, 10:20, 9:].any()
