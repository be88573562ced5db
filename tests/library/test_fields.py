"""Noise of several fields, some of another gain than the rest."""

import numpy as np
import pytest
from scenes import blobs, camera

from denoisekit.errors import InputError
from denoisekit.noise.fields import NoiseOfFields, measure_fields


def shot(seed: int, *, gain: float = 2.0) -> np.ndarray:
    return camera(20 + 200 * blobs(seed), gain=gain, offset=100, read_noise=4, seed=seed)


def measured(fields, **options) -> NoiseOfFields:
    return measure_fields(fields, **{"has_pairs": False, "pixels": 10**9, **options})


def test_fields_of_one_camera_differ_little() -> None:
    found = measured([shot(1), np.stack([shot(2), shot(2)[::-1]]), shot(3)])
    assert (found.fields, found.unlike, found.card.frames) == (3, 0, 4)
    assert found.gains[0] <= found.card.gain <= found.gains[1]
    assert found.gains == pytest.approx((2, 2), rel=0.2)
    assert found.correlations_x[0] <= found.card.correlation_x[0] <= found.correlations_x[1]
    assert found.card.lowest == min(shot(seed).min() for seed in (1, 2, 3))
    assert found.card.advice.method == "pn2v"
    assert found.spread()["gains"] == found.gains


def test_one_noise_model_is_not_advised_for_fields_of_unlike_gain() -> None:
    found = measured([shot(1), shot(2), shot(3, gain=10)])
    assert found.unlike == 1
    assert found.gains == pytest.approx((2, 10), rel=0.2)
    assert found.card.gain == pytest.approx(2, rel=0.2)
    assert found.card.advice.method == "n2v"
    assert "1 of the fields measured are in other units" in found.card.advice.reason


def test_a_field_that_cannot_be_measured_is_left_out() -> None:
    found = measured([np.ones((256, 256)), shot(1)])
    assert (found.fields, found.gains[0]) == (1, found.gains[1])
    with pytest.raises(InputError, match="constant"):
        measured([np.ones((256, 256)), np.ones((32, 32))])
