"""Widths, pairs of lines and re-blurred errors, and whether measured images were simulated."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage
from study_page import png, results

from denoisekit import report
from denoisekit.errors import InputError
from denoisekit.evaluation import resolution
from denoisekit.evaluation.looks import measure_frame
from denoisekit.figures.ranges import draw_ranges
from denoisekit.figures.resolution import draw_reblurred, draw_resolution
from denoisekit.report.choosing import choice_values, choices
from denoisekit.report.topics import TOPICS
from denoisekit.statistics.ranges import (
    QUANTITIES,
    compare_ranges,
    ranges_sentences,
    ranges_table,
)
from denoisekit.statistics.resolution import (
    resolution_sentences,
    resolution_table,
    told_apart,
)
from denoisekit.statistics.typeset import to_markdown

METHODS = ["noisy", "richardson-lucy"]


def gaussian(places, middle, sigma):
    return np.exp(-0.5 * ((places - middle) / sigma) ** 2)


def slanted(sigma, side=96):
    """A line at an angle through a Gaussian, and one along y."""
    y, x = np.indices((side, side))
    across = (y - 40) * np.cos(0.6) - (x - 40) * np.sin(0.6)
    return 10 + 100 * np.maximum(gaussian(across, 0, sigma), gaussian(x, 75.3, sigma))


@pytest.mark.parametrize("sigma", [1.5, 2.5, 4.0])
def test_lines_are_as_wide_as_their_gaussian(sigma):
    image = slanted(sigma)
    lines = resolution.find_lines(slanted(1.5))
    assert 20 < len(lines.places) <= 110
    np.testing.assert_allclose(np.linalg.norm(lines.across, axis=1), 1)
    found = np.nanmedian(resolution.widths(image, lines))
    assert found == pytest.approx(2.355 * sigma, rel=0.03)


def test_a_profile_that_does_not_fall_has_no_width():
    steps = np.arange(-12, 12.1, 0.25)
    peak = gaussian(steps, 0, 2)
    assert resolution.width_at_half(peak, step_px=0.25) == pytest.approx(4.71, rel=0.01)
    assert np.isnan(resolution.width_at_half(np.ones(97), step_px=0.25))
    assert np.isnan(resolution.width_at_half(steps, step_px=0.25))


def test_an_empty_image_has_no_lines():
    lines = resolution.find_lines(np.zeros((64, 64)))
    assert resolution.widths(np.ones((64, 64)), lines).shape == (0,)


@pytest.mark.parametrize(
    ("apart", "dip"), [(1.8, 1), (2.2, 0.974), (2.5, 0.870), (3, 0.642), (4, 0.271)]
)
def test_two_gaussians_dip_as_theory_says(apart, dip):
    sigma, places = 6.0, np.arange(400.0)
    course = sum(
        gaussian(places, middle + side * apart * sigma / 2, sigma)
        for middle in (100, 300)
        for side in (-1, 1)
    )
    image = np.tile(50 + 3 * course, (8, 1))
    for found in resolution.dips(image, [(100.0, apart * sigma), (300.0, apart * sigma)]):
        assert found == pytest.approx(dip, abs=0.004)


def test_the_widefield_image_explains_itself():
    rng = np.random.default_rng(0)
    image = ndimage.gaussian_filter(rng.random((64, 64)), 2)
    found = resolution.reblur(image, 7 * image + 3)
    assert (found.sigma_px, found.error) == (0, pytest.approx(0, abs=1e-9))
    assert found.correlation == pytest.approx(1)


def test_the_blur_that_was_applied_is_found_and_what_is_missing_is_shown():
    rng = np.random.default_rng(0)
    sharp = np.zeros((96, 96))
    sharp[tuple(rng.integers(10, 86, (2, 40)))] = 1
    widefield = 100 + 5000 * ndimage.gaussian_filter(sharp, 3.0)
    found = resolution.reblur(widefield, sharp)
    assert found.sigma_px == pytest.approx(3, abs=0.05)
    assert found.error < 2e-3
    lost = sharp.copy()
    place = np.argwhere(sharp)[0]
    lost[tuple(place)] = 0
    worse = resolution.reblur(widefield, lost)
    assert worse.error > 5 * found.error
    top = np.unravel_index(np.argmax(worse.left), worse.left.shape)
    assert np.abs(np.array(top) - place).max() <= 1
    assert worse.correlation < found.correlation <= 1


def averaged(kind):
    names = {"lines": ["dip_0.120", "dip_0.200", "dip_0.300"], "tubules": ["fwhm_um"]}[kind]
    values = {
        "noisy": {"dip_0.120": 1.0, "dip_0.200": 0.95, "dip_0.300": 0.7, "fwhm_um": 0.26},
        "richardson-lucy": {"dip_0.120": 0.9, "dip_0.200": 0.8, "dip_0.300": 0.3, "fwhm_um": 0.2},
    }
    rows = [
        {"experiment": kind, "method": method, "kind": "filter", "simulated": "yes"}
        | {"quantity": name, "images": 2, "mean": mean, "sd": 0.01, "truth_value": own}
        | {"ratio": mean / own}
        for method in METHODS
        for name, mean, own in (
            *((name, values[method][name], 0.1) for name in names),
            *(("correlation", 0.9, 0.95), ("error", 0.04, 0.03), ("reblur_um", 0.1, 0.09)),
        )
    ]
    return pd.DataFrame(rows)


def test_lines_count_as_told_apart_from_the_distance_on_where_all_are():
    dips = {"dip_0.120": 0.5, "dip_0.200": 0.9, "dip_0.300": 0.7, "dip_0.400": 0.1}
    assert told_apart(pd.Series(dips)) == 0.3
    assert told_apart(pd.Series(dips | {"dip_0.400": 0.82})) == np.inf
    assert np.isnan(told_apart(pd.Series(dtype=float, index=pd.Index([], dtype=str))))


def test_tables_and_sentences_name_the_truth_and_every_method():
    both = pd.concat([averaged("lines"), averaged("tubules")])
    table = resolution_table(both)
    assert list(table.frame["Method"])[::3] == ["Truth", "Truth"]
    markdown = to_markdown(table)
    assert "0.30" in markdown
    assert "| 0.260" in markdown.replace("|  ", "| ").replace("  ", " ") or "0.260" in markdown
    said = " ".join(resolution_sentences(both))
    assert "from 0.30 µm on" in said
    assert "from 0.20 µm on" in said
    assert "tubules: lines are 0.100 µm wide in the truth" in said
    assert "leave of its range" in said


@pytest.mark.parametrize("kind", ["lines", "tubules"])
def test_the_figure_draws_dips_or_widths(kind):
    figure = draw_resolution(averaged(kind), methods=METHODS)
    label = figure.axes[0].get_ylabel()
    assert label == ("middle / lower top" if kind == "lines" else "width of lines (µm)")


def test_what_is_left_is_drawn_for_every_method():
    image = slanted(3.0, side=64)
    figure = draw_reblurred(image, slanted(1.5, side=64), {"care": image}, pixel_size_um=0.03)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[0] == "Widefield"
    assert "Truth" in titles


# Is it within what was simulated?


def frame(seed=0, sigma=3.0, light=200, enlarged=False):
    rng = np.random.default_rng(seed)
    spots = ndimage.gaussian_filter((rng.random((128, 128)) > 0.99).astype(float), sigma)
    image = rng.poisson(20 + light * spots / spots.max()).astype(float)
    return ndimage.zoom(image, 2, order=1)[:128, :128] if enlarged else image


def numbers(images):
    rows = [
        {"image": str(number), "quantity": name, "value": value}
        for number, image in enumerate(images)
        for name, value in measure_frame(image).items()
    ]
    return pd.DataFrame(rows)


def test_frames_are_measured_in_no_unit():
    one, other = measure_frame(frame()), measure_frame(7 * frame() + 300)
    assert list(one) == list(QUANTITIES)
    for name, value in one.items():
        assert other[name] == pytest.approx(value, rel=1e-6, abs=1e-9)
    assert abs(one["grain"]) < 0.05
    assert measure_frame(frame(enlarged=True))["grain"] < -1
    assert measure_frame(frame(light=2000))["frame_noise"] < one["frame_noise"]
    wide = measure_frame(frame(sigma=6.0, light=4000))["fall"]
    assert wide < measure_frame(frame(sigma=1.0, light=4000))["fall"] - 1
    with pytest.raises(InputError, match="at least 64 pixels a side"):
        measure_frame(np.ones((32, 32)))


def test_an_image_is_within_what_was_simulated_or_told_to_be_outside():
    simulated = numbers([frame(seed, light=150 + 20 * seed) for seed in range(8)])
    like, unlike = numbers([frame(3, light=210)]), numbers([frame(9, enlarged=True)])
    compared = compare_ranges({"own": (simulated, like), "enlarged": (simulated, unlike)})
    outside = compared[compared["inside"] == "no"]
    assert set(outside["pair"]) == {"enlarged"}
    assert "grain" in set(outside["quantity"])
    first, second = ranges_sentences(compared)
    assert "lies within the range of the 8 simulated ones in all 6" in first
    assert "finest over middle frequencies" in second
    assert "what they make of it is a guess" in second
    assert "| no" in to_markdown(ranges_table(compared))
    figure = draw_ranges(simulated, unlike)
    assert len(figure.axes) == len(QUANTITIES)


def test_the_page_says_first_that_an_image_is_unlike_what_was_simulated():
    simulated = numbers([frame(seed) for seed in range(3)])
    compared = compare_ranges({"own": (simulated, numbers([frame(9, enlarged=True)]))})
    told = results()
    looks = {"own": {"simulated": "mito", "measured": "actin"}}
    names = ["range-own", "resolution-tubules", "reblurred-tubules"]
    told = replace(
        told,
        config={**told.config, "looks": looks},
        ranges=compared,
        resolution=averaged("tubules"),
        figures={**told.figures, **dict.fromkeys(names, png())},
    )
    (said,) = ranges_sentences(compared)
    cards = {
        card["experiment"]: card["sentences"]
        for card in choice_values(told, choices(told))["cards"]
    }
    # MA learned from what is named as simulated and restores what is named as measured.
    assert cards["MA"][0] == said
    assert all(said not in cards[name] for name in ("AA", "DDS"))
    page = report.render(told, TOPICS)
    # In a warning on top, before the advice, and where looks are told.
    assert page.count("what they make of it is a guess") == 3
    assert page.index("what they make of it is a guess") < page.index('id="choice"')
    assert 'id="resolution"' in page
    assert "RSP and RSE: correlation with the widefield image" in page
