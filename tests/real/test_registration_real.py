"""Real pairs of exposures: aligned ones are left alone, moved ones are brought back."""

from pathlib import Path

import numpy as np
import pytest

from denoisekit.datasets.leakage import resemblance, signature
from denoisekit.datasets.registration import align, estimate_shift, pair_quality
from denoisekit.images.image import pixels_sha256
from denoisekit.images.reading import read_image

NAMES = ("actin-20x", "actin-60x", "mito-60x")


@pytest.fixture(scope="module")
def pairs(sample_data: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    folder = sample_data / "hagen_gigadb"
    return {
        name: tuple(
            read_image(folder / kind / f"{name}-noise1.tif").pixels
            for kind in ("low_adu16", "high")
        )
        for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_aligned_fields_are_left_alone(pairs: dict, name: str) -> None:
    low, high = pairs[name]
    shift = estimate_shift(low, high)
    assert not shift.significant
    assert shift.confidence > 50
    assert np.hypot(shift.y, shift.x) < 0.15


@pytest.mark.parametrize("name", NAMES)
def test_no_tile_is_given_a_shift_and_moved_ones_are_found(pairs: dict, name: str) -> None:
    low, high = pairs[name]
    found = 0
    for y, x in np.ndindex(6, 6):
        top, left = 100 + 300 * y, 100 + 300 * x
        tile = (slice(top, top + 256), slice(left, left + 256))
        assert not estimate_shift(low[tile], high[tile]).significant
        elsewhere = (slice(top - 12, top + 244), slice(left + 31, left + 287))
        shift = estimate_shift(low[tile], high[elsewhere])
        if shift.significant:
            found += 1
            assert np.hypot(shift.y - 12, shift.x + 31) < max(0.3, 5 * shift.error)
    assert found >= 18


def test_a_moved_field_is_brought_back(pairs: dict) -> None:
    low, high = pairs["actin-60x"]
    low, high = low[500:1012, 500:1012], high[493:1005, 520:1032]
    shift = estimate_shift(low, high)
    assert (round(shift.y), round(shift.x)) == (7, -20)
    aligned = pair_quality(*align(low, high, shift))
    assert aligned.correlation > 0.85
    assert pair_quality(low, high).correlation < 0.6


def test_the_same_frame_under_two_names_is_found(sample_data: Path) -> None:
    folder = sample_data / "fmd_test_mix" / "raw"
    frames = {path.stem: read_image(path).pixels for path in sorted(folder.iterdir())}
    digests = [pixels_sha256(pixels) for pixels in frames.values()]
    twice = [
        name for name, digest in zip(frames, digests, strict=True) if digests.count(digest) > 1
    ]
    assert twice == ["WideField_BPAE_B_1", "WideField_BPAE_B_2"]


def test_fields_of_different_cells_are_not_one_another(pairs: dict) -> None:
    for first in NAMES:
        for second in NAMES:
            corner = signature(pairs[first][1][:1024, :1024], binning=4)
            opposite = signature(pairs[second][1][1024:, 1024:], binning=4)
            assert resemblance(corner, opposite) < 0.4
        whole = signature(pairs[first][1], binning=4)
        shifted = signature(pairs[first][1][400:1448, 301:1349], binning=4)
        assert resemblance(whole, shifted) > 0.85
