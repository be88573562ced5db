"""Simulated beside measured: table, sentences and figure."""

from dataclasses import replace

import numpy as np
import pytest

from denoisekit.evaluation.looks import Looks
from denoisekit.figures.looks import Side, draw_looks
from denoisekit.noise.estimate import NoiseByLight
from denoisekit.statistics import tables, typeset
from denoisekit.statistics.looks import (
    COLUMNS,
    QUANTITIES,
    compare_looks,
    looks_sentences,
    looks_table,
)

MEASURED = Looks(
    **{
        "pairs": 14,
        "fields": 1,
        "gain": 2.5,
        "dark_noise": 3.0,
        "dark_tails": 2.0,
        "neighbours_y": 0.01,
    },
    **{"neighbours_x": -0.002, "redness": 1.1, "light": 80.0, "long_noise": 0.02},
    **{"slope": -4.0, "coherence": 0.8, "background": 0.5, "middle": 0.4},
    transfer=NoiseByLight(np.array([0.0, 50, 100]), np.array([9.0, 134, 259]), np.full(3, 1e4)),
    frequency=np.arange(2, 32) / 64,
    noise_spectrum=np.ones(30),
    signal_spectrum=np.logspace(0, -3, 30),
    brightness=np.ones(50),
)
CAMERA = {"gain": 2.5, "offset": 100, "read_noise": 0.95}
SIMULATED = replace(MEASURED, pairs=6, fields=6, gain=2.4, light=40.0, slope=-3.5)


@pytest.fixture
def compared():
    return compare_looks({"actin": (SIMULATED, MEASURED)}, cameras={"actin": CAMERA})


def test_the_table_survives_its_file(compared, tmp_path):
    tables.write(tmp_path / "looks.tsv", compared)
    again = tables.read(tmp_path / "looks.tsv", COLUMNS)
    assert looks_sentences(again) == looks_sentences(compared)


def test_every_quantity_is_a_row(compared):
    assert list(compared["quantity"]) == list(QUANTITIES)
    row = compared.set_index("quantity").loc["slope"]
    assert (row["value_simulated"], row["value_measured"]) == (-3.5, -4.0)


def test_sentences_name_the_numbers_and_the_farthest(compared):
    noise, structure, farthest = looks_sentences(compared)
    assert "gain (counts per photoelectron) 2.40 against 2.50" in noise
    assert "beside −0.002 against −0.002" in noise
    assert "exponent of the long exposures' spectrum −3.50 against −4.00" in structure
    assert farthest == (
        "Of the quantities of actin that a ratio compares, the farthest apart is the light of the "
        "short exposures (counts): 40.0 against 80.0."
    )


def test_table_prints_signs_and_digits(compared):
    text = typeset.to_markdown(looks_table(compared))
    assert "| actin | gain (counts per photoelectron) | 2.40 | 2.50 |" in text
    assert "−3.50 | −4.00" in text


def test_table_says_how_much_was_measured_and_with_what_camera(compared):
    text = typeset.to_markdown(looks_table(compared))
    assert "| actin | pairs of exposures measured | 6 | 14 |" in text
    assert "| actin | fields of view that they are of | 6 | 1 |" in text
    assert "camera of actin has gain 2.5, offset 100 and read noise 0.95;" in text


def test_figure_shows_windows_of_one_size_and_all_curves():
    rng = np.random.default_rng(0)
    frames = [rng.poisson(50, shape).astype(np.uint16) for shape in ((80, 90), (64, 200))]
    sides = [
        Side(low=image, high=image, pixel_size_um=0.1, looks=looks)
        for image, looks in zip(frames, (SIMULATED, MEASURED), strict=True)
    ]
    figure = draw_looks(*sides)
    pictures = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in pictures] == [
        *("Short exposure, simulated", "Short exposure, measured"),
        *("Long exposure, simulated", "Long exposure, measured"),
    ]
    assert {axis.images[0].get_array().shape for axis in pictures} == {(64, 64)}
    transfer = figure.axes[4]
    lines = {line.get_label(): line for line in transfer.lines if len(line.get_xdata()) == 2}
    assert set(lines) == {"simulated", "measured"}
    assert np.ptp(lines["measured"].get_ydata()) == pytest.approx(250, rel=0.01)
