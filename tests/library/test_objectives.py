from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from denoisekit import networks
from denoisekit.computing import seed_everything
from denoisekit.errors import InputError
from denoisekit.images.normalization import moments_normalizer
from denoisekit.noise import fitting, models
from denoisekit.restoring import likelihoods, posterior
from denoisekit.training import loop, masked_losses
from denoisekit.training.batches import NoisyPatches, draw_batches, on_device
from denoisekit.training.noise2void import Noise2Void
from denoisekit.training.settings import Settings

SETTINGS = Settings(
    epochs=8,
    steps_per_epoch=25,
    batch_size=8,
    learning_rate=3e-3,
    schedule={"name": "cosine", "warmup": 0.1},
    augment=True,
    precision="full",
)
MASKING = {"percent": 4, "neighbourhood": 5, "replacement": "neighbour"}
LINE = {"direction": "horizontal", "length": 5}
NOISE, GRAIN = 12.0, 8.0
VALUES = fitting.whole_value_range(0, 255, bins=256)


def scenes(count, *, seed):
    """Smooth stripes with a grain that no surroundings tell, clean and with noise, in counts."""
    rng = np.random.default_rng(seed)
    angle, phase = rng.uniform(0, np.pi, (count, 1, 1)), rng.uniform(0, 6, (count, 1, 1))
    y, x = np.mgrid[:32, :32]
    clean = 120 + 40 * np.sin(0.35 * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    clean += rng.normal(0, GRAIN, clean.shape)
    noisy = np.clip(np.rint(clean + rng.normal(0, NOISE, clean.shape)), 0, 255)
    return clean.astype(np.float32), noisy.astype(np.float32)


CLEAN, NOISY = scenes(40, seed=0)
UNSEEN_CLEAN, UNSEEN = scenes(6, seed=1)
NORMALIZER = moments_normalizer(NOISY, name="The patches")


def hidden(loss="mse", *, likelihood=None, **masking):
    function = masked_losses.get(loss, normalizer=NORMALIZER, log_likelihood=likelihood)
    settings = {**MASKING, **masking}
    return Noise2Void((loss, function), settings, normalizer=NORMALIZER)


def run(objective, *, outputs=1, settings=SETTINGS, **states):
    seed_everything(0, threads=1)
    options = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 8, "outputs": outputs}
    network = networks.build(options, dims=2, probabilistic=False)
    trained = loop.train(
        network,
        objective,
        NoisyPatches(NOISY[:32]),
        NoisyPatches(NOISY[32:]),
        settings=settings,
        seed=0,
        device="cpu",
        report=lambda line: None,
        **states,
    )
    return network, trained


def error(restored):
    return float(np.mean((np.stack(restored) - UNSEEN_CLEAN) ** 2))


def restored(network, noisy):
    with torch.inference_mode():
        inputs = torch.from_numpy(NORMALIZER.apply(noisy))[None, None]
        return NORMALIZER.undo(network.eval()(inputs)[0, 0].numpy())


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_noise_is_removed_without_a_truth(loss):
    network, trained = run(hidden(loss))
    left = error([restored(network, noisy) for noisy in UNSEEN])
    assert GRAIN**2 < left < GRAIN**2 + 0.3 * NOISE**2
    assert trained.history[-1]["validation_loss"] < trained.history[0]["validation_loss"]


def test_weighing_by_the_noise_model_restores_better_than_the_prior_alone():
    model = fitting.fit_histogram(CLEAN, NOISY, values=VALUES, bins=256, step=1, origin="pairs")
    likelihood = likelihoods.of_model(model, device="cpu")
    settings = replace(SETTINGS, epochs=40)
    network, _ = run(hidden("pn2v", likelihood=likelihood), outputs=60, settings=settings)
    found = [
        posterior.restore(
            network,
            noisy,
            normalizer=NORMALIZER,
            log_likelihood=likelihood,
            levels=(),
            tile=32,
            precision="full",
            device="cpu",
            name="it",
        )
        for noisy in UNSEEN
    ]
    best, prior = (
        error([getattr(part, name) for part in found]) for name in ("mmse", "prior_mean")
    )
    # With a perfect prior: 1 / (1 / GRAIN**2 + 1 / NOISE**2) and GRAIN**2.
    assert best < 0.9 * prior
    assert best < 0.5 * NOISE**2


def test_the_network_sees_normalised_images_but_for_what_is_hidden():
    images = torch.from_numpy(NOISY[:4])[:, None]
    inputs, noisy, mask, *_ = hidden().prepare([images], torch.Generator().manual_seed(0))
    assert torch.equal(noisy, images)
    expected = NORMALIZER.apply(NOISY[:4])[:, None]
    kept = ~mask.numpy()
    np.testing.assert_allclose(inputs.numpy()[kept], expected[kept], rtol=1e-5, atol=1e-6)
    assert np.mean(inputs.numpy()[~kept] == expected[~kept]) < 0.2


def test_what_is_hidden_differs_from_epoch_to_epoch_but_not_in_the_validation():
    masks = []

    class Spy(Noise2Void):
        def prepare(self, images, generator):
            batch = super().prepare(images, generator)
            masks.append((torch.is_inference_mode_enabled(), batch[2][0]))
            return batch

    spy = Spy(
        ("mse", masked_losses.get("mse", normalizer=NORMALIZER, log_likelihood=None)),
        MASKING,
        normalizer=NORMALIZER,
    )
    run(spy, settings=replace(SETTINGS, epochs=2, steps_per_epoch=2))
    drawn, validated = ([mask for kind, mask in masks if kind is found] for found in (False, True))
    assert torch.equal(*validated)
    assert len({mask.numpy().tobytes() for mask in drawn}) == len(drawn) == 4


def test_pn2v_without_a_noise_model_is_refused():
    with pytest.raises(InputError, match="needs a model of the camera's noise"):
        hidden("pn2v")


@pytest.mark.parametrize(("line", "turned"), [(LINE, False), ({**LINE, "direction": "both"}, True)])
def test_a_quarter_turn_never_lays_the_noises_line_across_the_masks(line, turned):
    stripes = np.broadcast_to(np.arange(16, dtype=np.float32)[:, None], (20, 16, 16)).copy()
    batches = draw_batches(
        on_device(NoisyPatches(stripes), "cpu"),
        hidden(line=line),
        SETTINGS,
        0,
        "cpu",
        epochs=0,
    )
    noisy = torch.cat([next(batches)[1] for _ in range(20)])
    across = (noisy != noisy[..., :1]).any(-1).any(-1).any()
    assert bool(across) is turned


def test_a_training_that_goes_on_ends_as_if_it_had_never_stopped():
    settings, states = replace(SETTINGS, epochs=3, steps_per_epoch=4), []
    _, whole = run(hidden(), settings=settings, keep=lambda state: states.append(deepcopy(state)))
    _, resumed = run(hidden(), settings=settings, state=states[0])
    assert all(torch.equal(resumed.last[name], whole.last[name]) for name in whole.last)
    assert [row["validation_loss"] for row in resumed.history] == [
        row["validation_loss"] for row in whole.history
    ]


@pytest.mark.parametrize("kind", ["histogram", "mixture"])
def test_a_fitted_model_gives_the_same_likelihoods_as_torch(kind):
    if kind == "histogram":
        model = fitting.fit_histogram(CLEAN, NOISY, values=VALUES, bins=256, step=1, origin="pairs")
    else:
        model = fitting.fit_mixture(CLEAN, NOISY, values=VALUES, step=1, origin="pairs")
    signal = np.random.default_rng(2).uniform(85, 155, (2, 5, 100)).astype(np.float32)
    noisy = np.rint(signal[:, :1] + 7)
    found = likelihoods.of_model(model, device="cpu")(
        torch.from_numpy(noisy), torch.from_numpy(signal)
    )
    expected = models.log_likelihood(model, noisy, signal, outside="raise").per_pixel
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
