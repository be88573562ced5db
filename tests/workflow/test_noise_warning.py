"""What a training says of noise that its objective, or its noise model, does not fit."""

import numpy as np
import pytest
from tiny import ROOT

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.noise import models
from denoisekit.noise.card import measure_noise_card
from denoisekit.noise.fitting import fit_mixture

GAIN, OFFSET = 4.0, 10.0


@pytest.fixture
def warn(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "workflow/scripts"))
    from _noise_warning import warn

    return warn


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """The noise card of frames of a ramp of light, GAIN counts a photon."""
    photons = np.linspace(20, 100, 256) + np.zeros((2, 256, 1))
    frames = OFFSET + GAIN * np.random.default_rng(0).poisson(photons)
    path = tmp_path_factory.mktemp("card") / "card.json"
    noise = measure_noise_card(frames, has_pairs=False).card()
    files.write_json(path, {"images": ["a", "b"], "noise": noise})
    return path


def told(warn, card, folder, *, gain, datasets):
    """Return what is reported where the noise model was learned at a gain."""
    rng = np.random.default_rng(1)
    signal = rng.uniform(90, 410, 4000)
    noisy = rng.normal(signal, np.sqrt(gain * (signal - OFFSET)))
    model = fit_mixture(signal, noisy, values=(-200, 800), step=0, origin="pairs")
    models.save_noise_model(folder / "model.npz", model)
    said = []
    warn(
        card,
        settings={
            "method": {"masking": {}, "noise_model": "camera"},
            "noise_model": {"origin": "pairs", **datasets},
        },
        train_set="cells",
        noise_model=folder / "model.npz",
        report=lambda sentence, **_: said.append(sentence),
    )
    return said


BORROWED = {"datasets": {"cells": ["beads"]}}


@pytest.mark.parametrize("gain", [0.6 * GAIN, 6 * GAIN])
def test_a_borrowed_noise_model_of_another_gain_stops(warn, card, tmp_path, gain):
    words = "noise_models.camera is borrowed from other data sets and does not hold for cells: the"
    with pytest.raises(InputError, match=words):
        told(warn, card, tmp_path, gain=gain, datasets=BORROWED)


def test_a_borrowed_noise_model_of_the_same_camera_is_taken(warn, card, tmp_path):
    assert told(warn, card, tmp_path, gain=GAIN, datasets=BORROWED) == []


def test_a_noise_model_of_its_own_images_is_warned_of(warn, card, tmp_path):
    (said,) = told(warn, card, tmp_path, gain=6 * GAIN, datasets={})
    assert said.startswith("Warning: the noise model's variance is")
    others = {"datasets": {"other": ["beads"]}}
    assert told(warn, card, tmp_path, gain=0.6 * GAIN, datasets=others) == []
