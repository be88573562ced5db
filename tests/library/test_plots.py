import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from study_tables import METHODS, by_experiment

from denoisekit.evaluation.display import Sections, most_detailed
from denoisekit.evaluation.scaling import fit_to_truth
from denoisekit.figures import _parts, calibration, images, noise_regimes, posterior, training
from denoisekit.figures.scores import draw_scores
from denoisekit.noise import fitting

PIXEL_UM = 0.1


def scene() -> tuple[np.ndarray, np.ndarray]:
    """Return a truth with all its detail in one corner, and a noisy image of it."""
    rng = np.random.default_rng(3)
    truth = np.full((96, 128), 100.0)
    truth[64:96, 96:128] += 50 * (rng.random((32, 32)) - 0.5)
    return truth, 3 * truth + 7 + rng.normal(0, 20, truth.shape)


def saved(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=50)
    return buffer.getvalue()


def images_of(axis) -> np.ndarray:
    return axis.images[0].get_array()


def test_a_montage_shows_images_detail_and_errors_on_one_scale():
    truth, low = scene()
    restored = truth + np.random.default_rng(4).normal(0, 2, truth.shape)
    panels = [images.Panel("Noisy input", low), images.Panel("FFT\n30 dB", restored)]
    figure = images.draw_montage(truth, panels, inset_px=32, pixel_size_um=PIXEL_UM)
    axes = np.reshape(figure.axes[:9], (3, 3))
    assert [axis.get_title() for axis in axes[0]] == ["Noisy input", "FFT\n30 dB", "Truth"]
    scaled, fitted = fit_to_truth(truth, restored)
    error = np.abs(fitted - scaled)
    assert np.allclose(images_of(axes[2, 1]), error)
    top = np.percentile(error, 99.5)
    assert [axes[2, i].images[0].get_clim() for i in (0, 1)] == [(0, pytest.approx(top))] * 2
    assert images_of(axes[1, 1]).shape == (32, 32)
    assert np.allclose(images_of(axes[1, 2]), images_of(axes[0, 2])[64:96, 96:128])
    frame = axes[0, 0].patches[0]
    assert (*frame.get_xy(), frame.get_width(), frame.get_height()) == (95.5, 63.5, 32, 32)
    assert not axes[2, 2].images
    assert saved(figure) == saved(
        images.draw_montage(truth, panels, inset_px=32, pixel_size_um=PIXEL_UM)
    )


def sections_of(truth, *others, planes=10, aspect=2.5):
    """Return sections of volumes whose planes are those images, brighter from one to the next."""
    window = most_detailed(truth, 32)
    row = (window[0].start + window[0].stop) // 2
    steps = np.arange(planes)[:, None]
    return Sections(window, aspect, [image[row, window[1]] + steps for image in (*others, truth)])


def test_a_montage_of_volumes_has_sections_at_their_true_aspect():
    truth, low = scene()
    panels = [images.Panel("Noisy input", low), images.Panel("FFT", 2 * truth - 5)]
    sections = sections_of(truth, low, 2 * truth - 5)
    options = {"inset_px": 32, "pixel_size_um": PIXEL_UM}
    figure = images.draw_montage(truth, panels, sections=sections, **options)
    axes = np.reshape(figure.axes[:12], (4, 3))
    assert [axis.get_ylabel() for axis in axes[:, 0]] == [
        *("Whole image", "Detail", "Along z", "Error")
    ]
    assert {axis.get_aspect() for axis in axes[2]} == {2.5}
    assert images_of(axes[2, 1]).shape == (10, 32)
    # Its first row is that of the detail, on the same grey scale; the next is a step brighter.
    row = images_of(axes[1, 2])[16]
    np.testing.assert_allclose(images_of(axes[2, 2])[0], row, atol=1e-9)
    assert (np.diff(images_of(axes[2, 2]), axis=0) > 0).all()
    np.testing.assert_allclose(images_of(axes[2, 1])[0], images_of(axes[1, 1])[16], atol=1e-9)
    crossing = axes[1, 0].lines[0].get_ydata()[0], axes[2, 0].lines[0].get_ydata()[0]
    assert crossing == (16, 5)
    assert saved(figure)


def test_a_tall_section_is_drawn_whole_and_narrower():
    truth, low = scene()
    panels = [images.Panel("Noisy input", low)]
    sections = sections_of(truth, low, planes=400)
    figure = images.draw_montage(
        truth, panels, sections=sections, inset_px=32, pixel_size_um=PIXEL_UM
    )
    assert figure.get_figheight() == pytest.approx(6.4 + 2 * 1.75)
    assert images_of(figure.axes[4]).shape == (400, 32)


def test_sections_without_a_truth_share_the_grey_scale_of_their_planes():
    truth, low = scene()
    panels = [images.Panel("Noisy", low), images.Panel("A", truth * 7 - 300)]
    window = images.detail_without_truth(low, panels, 32)
    row = (window[0].start + window[0].stop) // 2
    cuts = [np.stack([panel.pixels[row, window[1]]] * 4) for panel in panels]
    sections = Sections(window, 3.0, cuts)
    figure = images.draw_restored(low, panels, inset_px=32, pixel_size_um=0.1, sections=sections)
    whole, part, section = np.reshape(figure.axes, (3, 2))[:, 1]
    np.testing.assert_allclose(images_of(section)[0], images_of(part)[16], atol=1e-9)
    np.testing.assert_allclose(images_of(section)[0], images_of(whole)[row, window[1]], atol=1e-9)


def test_without_a_truth_images_are_fitted_to_the_input_and_share_one_scale():
    truth, low = scene()
    truth, low = truth[:, 40:], low[:, 40:]
    panels = [
        images.Panel("Noisy", low),
        images.Panel("A", truth * 7 - 300),
        images.Panel("B", np.full(low.shape, 5.0)),
    ]
    figure = images.draw_restored(low, panels, inset_px=24, pixel_size_um=0.1)
    shown = [images_of(axis) for axis in figure.axes]
    assert [image.shape for image in shown] == [low.shape] * 3 + [(24, 24)] * 3
    assert [axis.get_title() for axis in figure.axes[:3]] == ["Noisy", "A", "B"]
    gain, offset = np.polyfit(low.ravel(), shown[0].ravel(), 1)
    np.testing.assert_allclose(shown[0], gain * low + offset, atol=1e-9)
    slope, level = np.polyfit(truth.ravel(), low.ravel(), 1)
    expected = gain * (slope * truth + level) + offset
    np.testing.assert_allclose(shown[1], expected, atol=1e-6)
    np.testing.assert_allclose(shown[2], gain * low.mean() + offset, atol=1e-9)
    assert {axis.images[0].get_clim() for axis in figure.axes} == {(0, 1)}
    assert saved(figure)


def test_the_truth_is_shown_between_its_percentiles():
    truth, low = scene()
    figure = images.draw_montage(
        truth, [images.Panel("a", low)], inset_px=32, pixel_size_um=PIXEL_UM
    )
    shown = images_of(figure.axes[1])
    low_end, high_end = np.percentile(truth, (0.1, 99.9))
    assert np.allclose(shown, (truth - low_end) / (high_end - low_end))


def test_a_scale_bar_has_its_length_and_stays_inside():
    truth, low = scene()
    axis = images.draw_exposures(truth, low, pixel_size_um=PIXEL_UM).axes[0]
    left, right = axis.lines[0].get_xdata()
    assert axis.texts[0].get_text() == "2 µm"
    assert (right - left) * PIXEL_UM == pytest.approx(2)
    assert 0 < left < right < truth.shape[1]
    assert axis.get_xlim() == (-0.5, 127.5)


def test_an_image_without_pixel_size_has_no_scale_bar():
    truth, low = scene()
    figure = images.draw_exposures(truth, low, pixel_size_um=None)
    assert not any(axis.lines or axis.texts for axis in figure.axes)


def test_figure_two_shows_the_restoration_on_the_truths_scale():
    truth, _ = scene()
    figure = images.draw_restoration(truth, 5 * truth - 3, method="laplace", pixel_size_um=PIXEL_UM)
    left, right = figure.axes
    assert "Laplace" in right.get_title()
    assert np.allclose(images_of(left), images_of(right))


def test_scores_are_points_joined_by_image_with_the_mean_marked():
    scores = by_experiment()
    care = scores[scores["convention"] == "care"]
    figure = draw_scores(care, experiment="AA", metrics=["psnr", "ssim"], methods=METHODS)
    axis = figure.axes[0]
    points = [line for line in axis.lines if line.get_marker() == "o"]
    means = [line for line in axis.lines if line.get_linewidth() == 2]
    joins = [line for line in axis.lines if line not in (*points, *means)]
    assert [len(line.get_ydata()) for line in points] == [6] * 5
    assert [len(line.get_ydata()) for line in joins] == [5] * 6
    for dots, mean in zip(points, means, strict=True):
        assert mean.get_ydata()[0] == pytest.approx(np.mean(dots.get_ydata()))
    assert [label.get_text() for label in axis.get_xticklabels()] == [
        *("Noisy input", "Laplace", "FFT", "Bandpass", "TV")
    ]
    assert [axis.get_ylabel() for axis in figure.axes] == ["PSNR (dB) ↑", "SSIM ↑"]


def regimes(names):
    """Return one kind of images: N2V printed in one convention and found in two, and TV alone."""
    rows = [
        ["cells", method, convention, regime, printed, error, own, 0.1, 50]
        for regime in names
        for method, convention, printed, error, own in (
            ("noisy", "range255", "20.00", "0.1", 20.5),
            ("noisy", "scale-invariant", "", "", 21.0),
            ("n2v", "range255", "", "", 29.0),
            ("n2v", "fmd", "30.10", "", 30.4),
            ("n2v", "scale-invariant", "31.00", "0.2", 31.5),
            ("tv", "range255", "", "", 25.0),
        )
    ]
    columns = ["dataset", "method", "convention", "noise_regime"]
    columns += ["printed", "printed_two_sem", "psnr", "two_sem", "frames"]
    return pd.DataFrame(rows, columns=columns)


def test_regimes_have_panels_with_dots_and_rings_of_one_convention():
    figure = noise_regimes.draw_regimes(regimes(["NR1", "NR3", "mean"]))
    assert [axis.get_title() for axis in figure.axes] == [
        "cells, NR1\nnoisy input 20.50 dB",
        "cells, NR3\nnoisy input 20.50 dB",
        "cells*, NR1\nnoisy input 21.00 dB",
        "cells*, NR3\nnoisy input 21.00 dB",
    ]
    plain, starred = figure.axes[0], figure.axes[2]
    dots, rings = (line.get_xdata() for line in plain.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(dots, [30.4, 25.0])
    np.testing.assert_array_equal(rings.astype(float), [30.1, np.nan])
    dots, rings = (line.get_xdata() for line in starred.lines if line.get_marker() == "o")
    np.testing.assert_array_equal([dots[0], rings[0]], [31.5, 31.0])
    assert [label.get_text() for label in plain.get_yticklabels()] == ["N2V", "TV"]
    assert saved(figure)


def test_one_regime_has_its_kinds_side_by_side_and_stars_only_what_is_printed():
    one = regimes(["NR1"])
    unprinted = one.assign(dataset="fish", printed="", printed_two_sem="")
    figure = noise_regimes.draw_regimes(pd.concat([one, unprinted], ignore_index=True))
    titles = [axis.get_title().partition(",")[0] for axis in figure.axes]
    assert titles == ["cells", "cells*", "fish"]
    places = [axis.get_subplotspec().rowspan.start for axis in figure.axes]
    assert places == [0, 0, 0]


def test_learning_curves_have_a_panel_per_train_set_and_method():
    history = pd.DataFrame({"step": [10, 20], "loss": [2.0, 1.0], "validation_loss": [3.0, 1.5]})
    keys = [("actin", "fft", "seed0"), ("actin", "mae", "seed0"), ("mito", "fft", "seed0")]
    figure = training.draw_learning_curves(dict.fromkeys(keys, history))
    axes = np.reshape(figure.axes, (2, 2))
    dashed, solid = axes[0, 0].lines
    assert (dashed.get_linestyle(), dashed.get_ydata().tolist()) == ("--", [2.0, 1.0])
    assert (solid.get_linestyle(), solid.get_ydata().tolist()) == ("-", [3.0, 1.5])
    assert [axis.get_title() for axis in axes[0]] == ["FFT", "MAE"]
    assert not axes[1, 1].axison
    saved(figure)


def test_colours_differ_in_lightness_or_hue_for_red_green_blind_readers():
    # Viénot et al. 1999: deuteranopes see red and green through one channel.
    seen = []
    for colour in _parts.COLOURS:
        red, green, blue = np.asarray(to_rgb(colour)) ** 2.2
        seen.append((0.29275 * red + 0.70725 * green, blue - 0.02234 * (green - red)))
    distances = [
        np.hypot(*np.subtract(first, second)) for i, first in enumerate(seen) for second in seen[:i]
    ]
    assert min(distances) > 0.1


def test_many_methods_have_colours_of_their_own():
    methods = [f"method-{place}" for place in range(13)]
    rows = [("AA", "psnr", "image", method, 30.0) for method in methods]
    scores = pd.DataFrame(rows, columns=["experiment", "metric", "image", "method", "value"])
    figure = draw_scores(scores, experiment="AA", metrics=["psnr"], methods=methods)
    points = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len({line.get_color() for line in points}) == 13


@pytest.mark.parametrize("truth", [None, 52.0])
def test_a_pixel_s_posterior_is_drawn_with_all_that_is_known_of_it(truth):
    rng = np.random.default_rng(0)
    signal = rng.uniform(20, 100, 20_000)
    model = fitting.fit_mixture(
        signal, rng.normal(signal, 4), values=(-50, 200), step=0, origin="frames"
    )
    samples, signals = rng.normal(50, 6, 100), np.linspace(20, 80, 200)
    weights = np.exp(-((samples - 58) ** 2) / 32)
    pixel = posterior.PixelView(
        detail=rng.normal(50, 10, (16, 20)),
        y=5,
        x=9,
        observed=58.0,
        samples=samples,
        weights=weights / weights.sum(),
        signals=signals,
        log_likelihoods=-((signals - 58) ** 2) / 32 - 3000,
        mmse=55.5,
        prior_mean=50.1,
        truth=truth,
    )
    figure = posterior.draw_posterior(pixel, model, pixel_size_um=0.1)
    detail, known, noise = figure.axes
    (square,) = detail.patches
    np.testing.assert_array_equal(square.get_center(), (9, 5))
    (curve,) = [line for line in known.lines if line.get_label().startswith("likelihood")]
    assert np.trapezoid(curve.get_ydata(), curve.get_xdata()) == pytest.approx(1)
    assert curve.get_xdata()[curve.get_ydata().argmax()] == pytest.approx(58, abs=0.2)
    labels = [text.get_text() for text in known.get_legend().get_texts()]
    expected = {"noisy value: 58", "prior mean: 50.1", "MMSE: 55.5"}
    assert expected | ({"truth: 52"} if truth else set()) == {s for s in labels if ": " in s} - {
        label for label in labels if label.startswith(("prior: ", "posterior: "))
    }
    assert noise.get_title() == "Noise model, learned from repeated frames"
    image = noise.images[0].get_array()
    across = np.linspace(*noise.get_xlim(), 256)
    likeliest = np.linspace(*noise.get_ylim(), 256)[image.argmax(axis=0)]
    np.testing.assert_allclose(likeliest, across, atol=1.5)
    assert noise.get_xlim() == pytest.approx(model.signals)


def test_calibration_is_drawn_before_and_after_and_by_what_is_removed():
    rows = [
        ["AA", "laplace", curve, place, place**2]
        for curve in ("coverage", "calibrated_coverage", "scale", "oracle")
        for place in (0.25, 0.75)
    ]
    columns = ["experiment", "method", "curve", "place", "value"]
    figure = calibration.draw_calibration(pd.DataFrame(rows, columns=columns), methods=METHODS)
    reliability, sparse = figure.axes
    _, before, after = reliability.lines
    assert (before.get_linestyle(), after.get_linestyle()) == ("--", "-")
    assert list(after.get_ydata()) == [0.0625, 0.5625]
    _, scale, oracle = sparse.lines
    assert list(scale.get_xdata()) == [0, 0.25, 0.75]
    assert list(scale.get_ydata()) == [1, 0.0625, 0.5625]
    assert oracle.get_linestyle() == ":"
    assert saved(figure)
