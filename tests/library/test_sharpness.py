import numpy as np
import pytest
from scipy import ndimage
from scipy.special import erf

from denoisekit.errors import InputError
from denoisekit.evaluation import sharpness

FWHM = 2 * np.sqrt(2 * np.log(2))
POSITION = np.arange(-8, 8.125, 0.25)


def lines(sigma: float, *, side: int = 192, angle: float = 0.4, period: float = 24) -> np.ndarray:
    """Return parallel bright Gaussian lines of a width, on a dark ground."""
    y, x = np.mgrid[:side, :side]
    across = np.cos(angle) * y + np.sin(angle) * x
    distance = (across + period / 2) % period - period / 2
    return 100 * np.exp(-((distance / sigma) ** 2) / 2) + 10


def stripes(sigma: float, *, side: int = 192) -> np.ndarray:
    """Return broad stripes with edges that a Gaussian blurred."""
    y, x = np.mgrid[:side, :side]
    across = (np.cos(0.4) * y + np.sin(0.4) * x) % 40
    return sum(sign * erf((across - at) / sigma / np.sqrt(2)) for sign, at in ((1, 10), (-1, 30)))


def scene(seed: int = 0, *, side: int = 192, blur: float = 1.0) -> np.ndarray:
    return ndimage.gaussian_filter(np.random.default_rng(seed).gamma(1, 1, (side, side)), blur)


def noise(seed: int, like: np.ndarray, level: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level * like.std(), like.shape)


def values(truth: np.ndarray, image: np.ndarray) -> dict[str, float]:
    return dict(sharpness.measure(sharpness.prepare(truth), image).values)


def test_the_truth_is_as_sharp_as_itself():
    own = values(scene(), scene())
    assert own["resolution_1_7"] == own["resolution_1_2"] == 2
    assert own["coherent_detail"] == pytest.approx(1)
    assert own["total_detail"] == pytest.approx(1)


@pytest.mark.parametrize("blur", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0])
def test_widths_of_blurred_lines_are_known(blur, angle):
    truth = lines(1.5, angle=angle)
    image = lines(np.hypot(1.5, blur), angle=angle)
    measured = values(truth, 3 * image + 7)
    assert measured["line_width"] == pytest.approx(FWHM * np.hypot(1.5, blur), rel=0.02)


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.5])
def test_widths_of_blurred_edges_are_known(sigma):
    # A Gaussian's 10 and 90 % points lie 2.563 standard deviations apart.
    measured = values(stripes(1.0), stripes(sigma))
    assert measured["edge_width"] == pytest.approx(2.563 * sigma, rel=0.02)


def test_single_profiles_have_their_known_widths():
    course = 5 + 2 * np.exp(-((POSITION - 0.3) ** 2) / 2 / 1.7**2)
    assert sharpness.line_width(POSITION, course) == pytest.approx(FWHM * 1.7)
    assert np.isnan(sharpness.line_width(POSITION, -course))
    assert np.isnan(sharpness.line_width(POSITION, np.ones_like(POSITION)))
    ramp = np.clip(POSITION, -2, 2)
    assert sharpness.edge_width(POSITION, ramp) == pytest.approx(0.8 * 4)
    assert np.isnan(sharpness.edge_width(POSITION, -POSITION))


def test_a_blur_is_seen_as_its_transfer_function():
    truth = scene(blur=0.7)
    image = ndimage.gaussian_filter(truth, 1.2)
    spectra = sharpness.measure(sharpness.prepare(truth), image).spectra
    expected = np.exp(-2 * (np.pi * 1.2 * spectra.frequency) ** 2)
    middle = (spectra.frequency > 0.02) & (spectra.frequency < 0.35)
    for course in (spectra.coherent, spectra.total):
        assert np.allclose(course[middle], expected[middle], rtol=0.05)
    assert (spectra.correlation[middle] > 0.99).all()


def test_noise_is_not_called_sharp():
    truth = scene(blur=1.5)
    noisy = values(truth, truth + noise(1, truth, 0.3))
    assert noisy["coherent_detail"] == pytest.approx(1, abs=0.05)
    assert noisy["total_detail"] > 1.5
    only = values(truth, truth.mean() + noise(2, truth, 1.0) + 0.05 * truth)
    assert only["resolution_1_2"] > 4 or np.isnan(only["resolution_1_2"])


def test_a_shifted_image_is_not_called_sharp():
    truth = scene(blur=1.5)
    shifted = values(truth, np.roll(truth, 2, axis=1))
    assert shifted["coherent_detail"] < 0.5
    assert shifted["total_detail"] > shifted["coherent_detail"] + 0.3
    assert shifted["resolution_1_2"] > 4


def test_an_oversharpened_image_is_called_sharper_than_the_truth():
    truth = lines(2.5)
    image = truth + 1.0 * (truth - ndimage.gaussian_filter(truth, 2))
    own, over = values(truth, truth), values(truth, image)
    assert over["line_width"] < 0.95 * own["line_width"]
    assert over["edge_width"] < 0.95 * own["edge_width"]
    assert over["coherent_detail"] > 1.05


def test_ring_correlation_of_white_noise_has_its_closed_form():
    # Two images of one white signal, one with noise of the same power: 1 / sqrt(1 + 1).
    signal = np.random.default_rng(3).normal(0, 1, (256, 256))
    spectra = sharpness.measure(sharpness.prepare(signal), signal + noise(4, signal, 1.0)).spectra
    inner = spectra.frequency > 0.1
    assert spectra.correlation[inner].mean() == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert np.abs(spectra.correlation[inner] - np.sqrt(0.5)).max() < 0.15
    scale = spectra.coherent[inner].mean()
    assert spectra.total[inner].mean() / scale == pytest.approx(np.sqrt(2), abs=0.03)
    assert scale == pytest.approx(1, abs=0.2)


def test_resolution_lies_where_the_signal_falls_to_the_noise():
    # FRC with the noiseless truth is 1 / sqrt(1 + N/S): one half where the signal's power is N/3.
    side, sigma = 512, 1.5
    truth = scene(5, side=side, blur=sigma)
    white = np.random.default_rng(5).gamma(1, 1, (side, side)).var()
    level = 0.05
    image = truth + np.random.default_rng(6).normal(0, np.sqrt(level * white), truth.shape)
    crossing = np.sqrt(-np.log(level / 3) / 4) / (np.pi * sigma)
    measured = values(truth, image)
    assert 1 / measured["resolution_1_2"] == pytest.approx(crossing, rel=0.04)
    assert measured["resolution_1_7"] < measured["resolution_1_2"]


def curve(*correlation: float) -> sharpness.Spectra:
    frequency = np.linspace(0.1, 0.5, len(correlation))
    return sharpness.Spectra(frequency, frequency, frequency, np.array(correlation))


def test_the_crossing_is_interpolated():
    # The means of three rings are 1, 0.9, 0.65, 0.4 and 0.2; those at the ends count twice.
    spectra = curve(1, 1, 0.7, 0.25, 0.25, 0.1)
    assert 1 / sharpness.resolution(spectra, threshold=0.5) == pytest.approx(0.26 + 0.08 * 0.6)


def test_a_single_dip_of_the_correlation_is_no_resolution():
    spectra = curve(1, 1, 0.45, 1, 1, 0.9, 0.2, 0, 0)
    assert 1 / sharpness.resolution(spectra, threshold=0.5) > 0.3


def test_resolution_hardly_depends_on_the_draw_of_the_noise():
    truth = scene(blur=1.5)
    prepared = sharpness.prepare(truth)
    found = [
        sharpness.measure(prepared, truth + noise(seed, truth, 3)).values["resolution_1_2"]
        for seed in range(12)
    ]
    assert np.std(found) < 0.1 * np.mean(found)


def test_without_a_crossing_the_limit_is_nyquist_and_without_agreement_the_first_ring():
    assert sharpness.resolution(curve(1, 0.9, 0.8), threshold=0.5) == 2
    assert sharpness.resolution(curve(0.2, 0.4, 0.8), threshold=0.5) == 10
    assert sharpness.resolution(curve(np.nan, np.nan, np.nan), threshold=0.5) == 10


@pytest.mark.parametrize("level", [0.1, 0.2])
@pytest.mark.parametrize("truth", [lines(1.5), scene(blur=1.5)])
def test_a_perfect_restoration_is_as_sharp_as_its_noisy_truth(truth, level):
    prepared = sharpness.prepare(truth + noise(7, truth, level))
    own, perfect = (sharpness.measure(prepared, one).values for one in (prepared.pixels, truth))
    for name in ("line_width", "edge_width"):
        assert perfect[name] == pytest.approx(own[name], rel=0.05)


def test_the_finest_detail_reaches_beyond_gaps_in_the_spectrum():
    truth = lines(1.5)
    prepared = sharpness.prepare(truth + noise(1, truth, 0.05))
    assert prepared.fine[0] > 8
    perfect = sharpness.measure(prepared, truth).values
    assert perfect["coherent_detail"] == pytest.approx(1, abs=0.05)


def test_pure_noise_has_neither_lines_nor_edges_nor_fine_detail():
    truth = noise(8, scene(), 1.0)
    own = values(truth, truth)
    assert [name for name, value in own.items() if np.isnan(value)] == [
        *("line_width", "edge_width", "coherent_detail", "total_detail")
    ]


def test_round_spots_are_no_lines():
    spots = np.zeros((192, 192))
    spots[16::32, 16::32] = 1
    spots = ndimage.gaussian_filter(spots, 3)
    for level in (0.0, 0.1):
        prepared = sharpness.prepare(spots + noise(9, spots, level))
        assert not len(prepared.lines.points)
        assert len(prepared.edges.points)


def test_gain_and_offset_do_not_matter():
    truth, image = scene(), ndimage.gaussian_filter(scene(), 1) + noise(1, scene(), 0.1)
    plain, scaled = values(truth, image), values(truth, 40 * image + 1000)
    assert scaled == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("image", [np.ones((192, 192)), -scene()])
def test_an_image_without_the_truth_in_it_has_no_sharpness(image):
    measured = values(scene(), image)
    for name in ("line_width", "edge_width", "coherent_detail", "total_detail"):
        assert np.isnan(measured[name]), name


def test_lengths_are_given_in_px_and_in_um():
    lengths = {"line_width": 3.0, "coherent_detail": 0.8, "total_detail": 0.9}
    lengths["finest_correlation"] = 0.02
    known = sharpness.in_units(lengths, pixel_size_um=0.1)
    assert known["line_width_px"] == 3
    assert known["line_width_um"] == pytest.approx(0.3)
    assert (known["coherent_detail"], known["finest_correlation"]) == (0.8, 0.02)
    assert "line_width_um" not in sharpness.in_units(lengths, pixel_size_um=None)


def test_curves_of_images_of_several_sizes_are_averaged():
    measured = [
        sharpness.measure(sharpness.prepare(scene(side=side)), scene(side=side))
        for side in (64, 192)
    ]
    curves = sharpness.mean_curves(measured)
    assert set(curves) == {"total", "coherent", "correlation", "line", "edge"}
    assert len(curves["correlation"].places) == 64
    assert np.allclose(curves["correlation"].values, 1)
    position, line = curves["line"].places, curves["line"].values
    assert 0 <= line.min() < 0.1
    assert 0.98 < line.max() <= 1
    assert abs(position[np.argmax(line)]) <= 0.25
    for one in measured:
        assert (one.profiles.line.min(), one.profiles.line.max()) == (0, 1)


def test_curves_are_averaged_over_the_images_that_have_them():
    truth = sharpness.prepare(scene())
    one, none = sharpness.measure(truth, scene()), sharpness.measure(truth, -scene())
    curve = sharpness.mean_curves([one, none])["line"]
    assert curve.images == 1
    assert np.array_equal(curve.values, one.profiles.line)
    assert np.isnan(sharpness.mean_curves([none])["line"].values).all()


def test_the_same_truth_has_the_same_places():
    first, second = sharpness.prepare(scene()), sharpness.prepare(scene())
    assert np.array_equal(first.lines.points, second.lines.points)
    assert len(first.edges.points) == 40


def test_images_that_cannot_be_measured_are_refused():
    with pytest.raises(InputError, match="too small to tell how sharp it is; that needs 32 pixels"):
        sharpness.prepare(scene(side=31))
    with pytest.raises(InputError, match="The truth is constant"):
        sharpness.prepare(np.ones((64, 64)))
    with pytest.raises(InputError, match="must have the same shape"):
        sharpness.measure(sharpness.prepare(scene()), scene(side=64))
    image = scene()
    image[3, 3] = np.nan
    with pytest.raises(InputError, match="The restored image has 1 pixels"):
        sharpness.measure(sharpness.prepare(scene()), image)


def frames_of_noise(count: int) -> np.ndarray:
    return np.random.default_rng(5).normal(100, 10, (count, 128, 128))


def test_noise_looks_resolved_against_a_mean_that_holds_it_and_not_against_the_others():
    # The ring correlation of noise with a mean of as many frames that holds it: 1 / sqrt(frames).
    frames = frames_of_noise(25)
    truth, frame = frames.mean(axis=0), frames[3]
    inside = sharpness.measure(sharpness.prepare(truth), frame)
    assert inside.values["finest_correlation"] == pytest.approx(1 / 5, abs=0.05)
    assert inside.spectra.correlation.mean() == pytest.approx(1 / 5, abs=0.05)
    others = sharpness.left_out(truth, frame, frames=1, of=25)
    assert np.allclose(others, np.delete(frames, 3, axis=0).mean(axis=0))
    outside = sharpness.measure(sharpness.prepare(others), frame)
    assert outside.values["finest_correlation"] == pytest.approx(0, abs=0.05)


def test_only_against_a_mean_that_holds_it_is_noise_resolved():
    frames = frames_of_noise(4) + 100 * scene(side=128, blur=4)
    truth, frame = frames.mean(axis=0), frames[0]
    assert values(truth, frame)["resolution_1_7"] == 2
    others = sharpness.left_out(truth, frame, frames=1, of=4)
    assert values(others, frame)["resolution_1_7"] > 5


def test_a_mean_of_several_frames_is_taken_out_of_a_truth_whole():
    frames = frames_of_noise(6)
    others = sharpness.left_out(frames.mean(axis=0), frames[:4].mean(axis=0), frames=4, of=6)
    assert np.allclose(others, frames[4:].mean(axis=0))


def test_a_frame_that_was_never_in_the_mean_disagrees_with_what_is_left():
    frames = frames_of_noise(10)
    others = sharpness.left_out(frames[1:].mean(axis=0), frames[0], frames=1, of=9)
    values = sharpness.measure(sharpness.prepare(others), frames[0]).values
    # What is left has -1/8 of its noise, and 9/8 of a mean of nine others: -1 / sqrt(1 + 9).
    assert values["finest_correlation"] == pytest.approx(-1 / np.sqrt(10), abs=0.05)


@pytest.mark.parametrize("frames", [0, 5])
def test_a_truth_that_is_left_without_frames_is_one_sentence(frames):
    truth = frames_of_noise(1)[0]
    with pytest.raises(InputError, match=f"A truth of 5 frames cannot do without {frames}"):
        sharpness.left_out(truth, truth, frames=frames, of=5)
