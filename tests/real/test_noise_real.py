"""Noise of real confocal, two-photon and wide-field frames, of which the truth is known."""

from pathlib import Path

import numpy as np
import pytest

from denoisekit.images.reading import read_image
from denoisekit.noise.card import measure_noise_card
from denoisekit.noise.fitting import (
    fit_histogram,
    fit_mixture,
    pairs_from_frames,
    whole_value_range,
)
from denoisekit.noise.models import log_likelihood, variance

TYPES = [
    *(f"Confocal_{kind}" for kind in ("BPAE_B", "BPAE_G", "BPAE_R", "FISH", "MICE")),
    *(f"TwoPhoton_{kind}" for kind in ("BPAE_B", "BPAE_G", "BPAE_R", "MICE")),
    *(f"WideField_{kind}" for kind in ("BPAE_B", "BPAE_G", "BPAE_R")),
]
RANGE = whole_value_range(0, 255, bins=256)


def read(sample_data: Path, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of 50 frames, and four of them."""
    folder = sample_data / "fmd_test_mix"
    names = [f"raw/{kind}_{number}.png" for number in range(1, 5)]
    truth, *frames = (read_image(folder / name).pixels for name in (f"gt/{kind}.png", *names))
    return truth, np.stack(frames)


@pytest.mark.parametrize("kind", TYPES)
def test_a_single_frame_tells_whether_its_noise_is_correlated(sample_data, kind: str) -> None:
    truth, frames = read(sample_data, kind)
    for frame in frames:
        card = measure_noise_card(frame, has_pairs=False)
        nearest = card.correlation_x[0], card.correlation_y[0]
        if kind.startswith("WideField"):
            assert min(nearest) > 0.4
            assert card.advice.method == "structn2v"
            assert min(card.advice.mask) >= 1
        else:
            assert max(nearest) < 0.2
            assert card.advice.method == "pretrained"
        rest = frame - truth.astype(float)
        predicted = card.gain * truth.mean() + card.intercept
        assert predicted == pytest.approx(rest.var(), rel=0.4)


@pytest.mark.parametrize("kind", TYPES)
def test_frames_of_a_field_tell_more_closely(sample_data, kind: str) -> None:
    truth, frames = read(sample_data, kind)
    rest = frames - truth.astype(float)
    rest -= rest.mean(axis=(1, 2), keepdims=True)
    card = measure_noise_card(frames, has_pairs=False)
    for found, near in (
        (card.correlation_x[0], np.mean(rest[..., 1:] * rest[..., :-1])),
        (card.correlation_y[0], np.mean(rest[..., 1:, :] * rest[..., :-1, :])),
    ):
        # Structure that moves between frames adds to the correlation of frame minus truth.
        assert found == pytest.approx(near / rest.var(), abs=0.15)
    assert card.advice.method == ("structn2v" if kind.startswith("WideField") else "pretrained")


@pytest.mark.parametrize("kind", ["Confocal_MICE", "Confocal_FISH"])
def test_models_agree_on_unseen_confocal_frames(sample_data, kind: str) -> None:
    truth, frames = read(sample_data, kind)
    signal = np.broadcast_to(truth, frames.shape)
    options = {"values": RANGE, "step": 1, "origin": "pairs"}
    mixture = fit_mixture(signal[:2], frames[:2], **options)
    histogram = fit_histogram(signal[:2], frames[:2], bins=256, **options)
    mixed, counted = (
        log_likelihood(model, frames[2:], signal[2:], outside="count").per_pixel.mean()
        for model in (mixture, histogram)
    )
    assert mixed == pytest.approx(counted, abs=0.15)
    normal = -0.5 * np.log(2 * np.pi * np.e * (frames[2:] - signal[2:].astype(float)).var())
    assert min(mixed, counted) > normal + 0.2


def test_frames_stand_in_for_a_truth(sample_data) -> None:
    truth, frames = read(sample_data, "Confocal_MICE")
    options = {"values": (-128, 384), "step": 1}
    with_truth = fit_mixture(
        np.broadcast_to(truth, frames.shape), frames, origin="pairs", **options
    )
    without = fit_mixture(*pairs_from_frames(frames), origin="frames", **options)
    signal = np.percentile(truth, [20, 50, 80, 95])
    np.testing.assert_allclose(variance(without, signal), variance(with_truth, signal), rtol=0.3)
