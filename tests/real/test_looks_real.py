"""Simulated frames beside real ones: what agrees, and that fakes are told from both."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import ndimage

from denoisekit.evaluation import looks
from denoisekit.images.reading import read_image
from denoisekit.simulate.pairs import simulate_pairs

STUDY = Path(__file__).parents[2] / "config" / "real-sample.yaml"
TILES = [(512, 512), (512, 1024), (1024, 768), (1400, 512)]


@pytest.fixture(scope="module", params=[("actin", "actin-60x"), ("mitochondria", "mito-60x")])
def pairs(request, sample_data: Path) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Pairs of 512 px of one structure: measured, and simulated as the real sample's study does."""
    structure, name = request.param
    low, high = (
        read_image(sample_data / "hagen_gigadb" / kind / f"{name}-noise1.tif").pixels
        for kind in ("low_adu16", "high")
    )
    dataset = yaml.safe_load(STUDY.read_text(encoding="utf-8"))["datasets"][
        f"{structure}-simulated"
    ]
    settings = {**dataset["simulate"], "pixel_size_um": dataset["pixel_size_um"]}
    cuts = [(slice(y, y + 512), slice(x, x + 512)) for y, x in TILES]
    return {
        "measured": [(low[cut], high[cut]) for cut in cuts],
        "simulated": [
            (pair.low, pair.high) for pair in simulate_pairs(settings, seed=settings["seed"])
        ],
    }


def test_simulated_frames_look_like_measured_ones(pairs) -> None:
    simulated, measured = (
        looks.measure_looks(pairs[kind], fields=fields)
        for kind, fields in (("simulated", 6), ("measured", 1))
    )
    assert simulated.gain == pytest.approx(measured.gain, rel=0.05)
    assert simulated.dark_noise == pytest.approx(measured.dark_noise, rel=0.05)
    assert simulated.dark_tails == pytest.approx(measured.dark_tails, abs=0.8)
    for found in (simulated, measured):
        assert abs(found.neighbours_y) < 0.05
        assert abs(found.neighbours_x) < 0.05
        assert found.redness == pytest.approx(1.1, abs=0.25)
    assert simulated.light == pytest.approx(measured.light, rel=0.2)
    assert simulated.long_noise == pytest.approx(measured.long_noise, rel=0.2)
    assert simulated.slope == pytest.approx(measured.slope, abs=0.8)
    assert simulated.coherence == pytest.approx(measured.coherence, abs=0.1)


def test_fakes_are_told(pairs) -> None:
    """Noise that knows nothing of light, or that is blurred, on the real structure."""
    rng = np.random.default_rng(0)
    measured = pairs["measured"]
    even = [(100 + 0.3 * high + rng.normal(0, 5, high.shape), high) for _, high in measured]
    assert looks.measure_looks(even, fields=1).gain < 0.3
    assert looks.measure_looks(even, fields=1).dark_tails < 0.5
    blurred = [(ndimage.gaussian_filter(low.astype(float), 0.5), high) for low, high in measured]
    fake = looks.measure_looks(blurred, fields=1)
    assert fake.neighbours_y > 0.2
    assert fake.neighbours_x > 0.2
    assert fake.redness > 2
