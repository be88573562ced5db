import numpy as np
import pytest

from denoisekit.errors import InputError
from denoisekit.evaluation import profiles
from denoisekit.evaluation.scaling import fit_to_truth
from denoisekit.evaluation.uncertainty import LaplaceMixture
from denoisekit.figures import calibration as figures

NONE = float("nan")


def scene():
    """Return a truth, a noisy image, and what two networks predict in other units."""
    rng = np.random.default_rng(0)
    truth = 200 + 40 * rng.gamma(2, 1, (30, 40))
    noisy = truth / 5 + rng.normal(0, 3, truth.shape)
    means = 3 * truth - 50 + rng.normal(0, 20, (2, *truth.shape))
    return truth, noisy, means, rng.uniform(10, 30, means.shape)


def along(line, usable=None, *, temperature=NONE, gain=1.0, offset=0.0):
    truth, noisy, means, scales = scene()
    usable = np.ones(truth.shape, bool) if usable is None else usable
    mixture = LaplaceMixture(means[:, usable], scales[:, usable]).mapped(gain, offset)
    return profiles.profile(
        truth, noisy, mixture, usable=usable, line=line, level=0.9, temperature=temperature
    )


def test_everything_along_a_line_is_in_the_truths_units():
    line = profiles.Line(7, slice(10, 30))
    truth, noisy, means, scales = scene()
    found = along(line)
    ends = np.percentile(truth, (0.1, 99.9))
    on_scale = (truth - ends[0]) / np.ptp(ends)
    assert found.truth == pytest.approx(on_scale[7, 10:30])
    for image, course in ((noisy, found.noisy), (means.mean(0), found.mean)):
        fitted = fit_to_truth(truth, image)[1] + on_scale.mean()
        assert course == pytest.approx(fitted[7, 10:30])
    # The band is scaled by the gain of the mean's fit, about 1 / 3 of the truth's range.
    gain = np.polyfit(means.mean(0).ravel(), on_scale.ravel(), 1)[0]
    low, high = LaplaceMixture(means, scales).interval(0.9)
    assert found.high - found.low == pytest.approx(gain * (high - low)[7, 10:30])


@pytest.mark.parametrize("gain", [4.0, -0.5])
def test_the_units_of_the_restored_image_do_not_matter(gain):
    line = profiles.Line(3, slice(0, 40))
    plain, mapped = along(line), along(line, gain=gain, offset=900)
    for name in ("truth", "noisy", "mean", "low", "high"):
        assert getattr(mapped, name) == pytest.approx(getattr(plain, name))


def test_a_temperature_widens_the_band_alone():
    line = profiles.Line(3, slice(0, 40))
    _, _, means, scales = scene()
    plain, wider = along(line), along(line, temperature=2.0)
    assert wider.mean == pytest.approx(plain.mean)
    low, high = LaplaceMixture(means, scales).interval(0.9)
    low_2, high_2 = LaplaceMixture(means, 2 * scales).interval(0.9)
    expected = ((high_2 - low_2) / (high - low))[3]
    assert (wider.high - wider.low) / (plain.high - plain.low) == pytest.approx(expected)
    assert wider.temperature == 2


def test_pixels_that_are_none_of_the_image_are_left_open():
    usable = np.ones((30, 40), bool)
    usable[5, 12:15] = usable[20:] = False
    found = along(profiles.Line(5, slice(10, 20)), usable)
    for course in (found.truth, found.noisy, found.mean, found.low, found.high):
        assert list(np.flatnonzero(np.isnan(course))) == [2, 3, 4]


def test_the_line_is_that_of_the_highest_contrast():
    truth = np.random.default_rng(1).normal(100, 1, (60, 100))
    truth[41, 52:70] += 30
    # A hot pixel is as bright as the truth's 99.9 percentile at most.
    truth[10, 10] = 1e6
    usable = np.ones(truth.shape, bool)
    assert profiles.most_contrasted(truth, usable, length_px=20) == profiles.Line(41, slice(60, 80))
    assert profiles.most_contrasted(truth, usable, length_px=200) == profiles.Line(
        41, slice(0, 100)
    )
    usable[41] = False
    assert profiles.most_contrasted(truth, usable, length_px=20).row != 41


def test_a_line_profile_is_drawn_with_its_band_and_says_of_what_calibration():
    truth, *_ = scene()
    line = profiles.Line(7, slice(10, 30))
    found = {"laplace": along(line, temperature=1.25), "mean": along(line)}
    figure = figures.draw_profile(
        *(truth, found),
        **{"image": "image-2", "line": line, "level": 0.9, "pixel_size_um": 0.5},
        methods=["noisy", "laplace", "mean"],
    )
    whole, first, second = figure.get_axes()
    assert whole.get_title() == "Truth, image image-2:\nrow 7, columns 10 to 29"
    named = [
        [text.get_text() for text in axis.get_legend().get_texts()] for axis in (first, second)
    ]
    assert "90 % interval\nafter calibration\n(scale × 1.25)" in named[0]
    assert "90 % interval\nas predicted: nothing was\nkept to calibrate it" in named[1]
    assert first.lines[1].get_xdata()[[0, -1]] == pytest.approx([5, 14.5])
    assert first.lines[1].get_ydata() == pytest.approx(found["laplace"].mean)
    assert second.get_xlabel() == "along the row (µm)"


def test_a_restored_image_without_anything_in_it_is_told():
    truth, noisy, means, scales = scene()
    usable = np.ones(truth.shape, bool)
    flat = LaplaceMixture(0 * means[:, usable], scales[:, usable])
    line = profiles.Line(0, slice(0, 10))
    with pytest.raises(InputError, match="The restored image"):
        profiles.profile(truth, noisy, flat, usable=usable, line=line, level=0.9, temperature=NONE)
