import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch
from loss_options import OPTIONS

from denoisekit import losses, networks
from denoisekit.computing import seed_everything
from denoisekit.errors import InputError
from denoisekit.restoring.weights import load, save_weights
from denoisekit.training import loop, schedules
from denoisekit.training.adam import Adam
from denoisekit.training.batches import PatchPairs, draw_batches, on_device
from denoisekit.training.checkpoints import Checkpoint
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

SETTINGS = Settings(
    epochs=3,
    steps_per_epoch=15,
    batch_size=4,
    learning_rate=3e-3,
    schedule={"name": "cosine", "warmup": 0.1},
    augment=True,
    precision="full",
)
PLATEAU = {"factor": 0.5, "patience": 1}
UNET = {"architecture": "unet", "depth": 1, "kernel_size": 3, "first_filters": 4}


def noisy_pairs(count=24, seed=0):
    rng = np.random.default_rng(seed)
    high = np.repeat(np.repeat(rng.uniform(0, 1, (count, 4, 4)), 4, 1), 4, 2).astype(np.float32)
    return PatchPairs(high + rng.normal(0, 0.4, high.shape).astype(np.float32), high)


def run(name="mae", *, settings=SETTINGS, seed=0, pairs=None, device="cpu", **states):
    loss = losses.get(name, OPTIONS.get(name, {}))
    seed_everything(seed, threads=1)
    network = networks.build(UNET, dims=2, probabilistic=loss.probabilistic)
    lines = []
    trained = loop.train(
        network,
        Supervised(loss),
        pairs or noisy_pairs(),
        noisy_pairs(8, seed=9),
        settings=settings,
        seed=seed,
        device=device,
        report=lines.append,
        **states,
    )
    return network, trained, lines


def test_adam_is_torch_s_own_to_the_last_bit():
    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 5, 3).to(memory_format=torch.channels_last) for _ in range(2)]
    layers[1].load_state_dict(layers[0].state_dict())
    # Of the parameters, one that no value depends on stays as it is.
    unused = [torch.nn.Parameter(torch.ones(2)) for _ in range(2)]
    rate = torch.zeros(())
    ours = Adam([*layers[0].parameters(), unused[0]], rate=rate, epsilon=1e-7)
    theirs = torch.optim.Adam([*layers[1].parameters(), unused[1]], lr=rate, eps=1e-7, fused=True)
    for number in range(6):
        rate.fill_(0.1 / (number + 1))
        images = torch.randn(2, 3, 9, 9)
        for layer, optimizer in zip(layers, (ours, theirs), strict=True):
            optimizer.zero_grad()
            layer(images).abs().mean().backward()
            optimizer.step()
    first, second = (list(layer.parameters()) for layer in layers)
    for mine, other in zip(first, second, strict=True):
        assert torch.equal(mine, other)
        for key, moment in theirs.state[other].items():
            assert torch.equal(ours.state[mine][key], moment)
    assert torch.equal(*unused)


def test_training_and_restoring_load_no_compiler():
    code = """
        import sys
        import numpy as np, torch
        from test_training import noisy_pairs, run, SETTINGS
        from dataclasses import replace
        network, *_ = run(settings=replace(SETTINGS, epochs=1, steps_per_epoch=2))
        from denoisekit.restoring import inference
        inference.restore(network, np.eye(32), percentiles=(2, 98), tile=32, precision="full",
                          device="cpu", name="x", normalizer=None)
        assert torch.are_deterministic_algorithms_enabled()
        sys.exit("torch._dynamo" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def batches_of(pairs, settings):
    objective = Supervised(losses.get("mae", {}))
    return draw_batches(on_device(pairs, "cpu"), objective, settings, 0, "cpu", epochs=0)


def same(first, second):
    """Whether two sets of weights are equal to the last bit."""
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def without_seconds(history):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in history]


@pytest.mark.parametrize("name", losses.names())
def test_every_loss_falls_on_images_not_trained_on(name):
    _, trained, _ = run(name)
    assert trained.history[-1]["validation_loss"] < trained.history[0]["validation_loss"]


def test_training_removes_noise():
    network, _, _ = run("mse", settings=replace(SETTINGS, epochs=12))
    unseen = noisy_pairs(8, seed=5)
    with torch.inference_mode():
        restored = network(torch.from_numpy(unseen.low)[:, None])[:, 0].numpy()
    before, after = (np.mean((i - unseen.high) ** 2) for i in (unseen.low, restored))
    assert after < 0.6 * before


@pytest.mark.parametrize("name", losses.names())
def test_mixed_precision_learns_what_full_precision_learns(name):
    (_, full, _), (_, mixed, _) = (
        run(name, settings=replace(SETTINGS, precision=precision))
        for precision in ("full", "mixed")
    )
    first, last = full.history[0]["validation_loss"], full.history[-1]["validation_loss"]
    assert abs(mixed.history[-1]["validation_loss"] - last) < 0.1 * (first - last)
    assert all(weights.dtype == torch.float32 for weights in mixed.last.values())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
@pytest.mark.parametrize("name", losses.names())
@pytest.mark.parametrize("precision", ["full", "mixed"])
def test_a_gpu_learns_what_a_cpu_learns(name, precision):
    settings = replace(SETTINGS, precision=precision)
    (_, cpu, _), (_, gpu, lines) = (
        run(name, settings=settings, device=device) for device in ("cpu", "cuda")
    )
    first, last = cpu.history[0]["validation_loss"], cpu.history[-1]["validation_loss"]
    assert abs(gpu.history[-1]["validation_loss"] - last) < 0.1 * (first - last)
    assert not any("not recorded" in line for line in lines)


def test_the_same_seed_gives_the_same_weights_to_the_last_digit():
    (_, first, _), (_, again, _), (_, other, _) = run(), run(), run(seed=1)
    for name, weights in first.last.items():
        assert torch.equal(weights, again.last[name])
    assert not torch.equal(first.last["mean.weight"], other.last["mean.weight"])


def test_best_weights_are_those_of_the_lowest_validation_loss():
    settings = replace(SETTINGS, learning_rate=0.1, epochs=6)
    network, trained, _ = run(settings=settings)
    values = [row["validation_loss"] for row in trained.history]
    assert trained.best_epoch == 1 + int(np.argmin(values))
    network.load_state_dict(trained.best)
    held = on_device(noisy_pairs(8, seed=9), "cpu")
    objective = Supervised(losses.get("mae", {}))
    best = loop._evaluate(network, objective, held, "full", "cpu")
    assert best == pytest.approx(min(values), rel=1e-6)


def test_every_patch_is_drawn_once_before_any_is_drawn_again():
    low = np.arange(10, dtype=np.float32)[:, None, None] * np.ones((1, 4, 4), np.float32)
    settings = replace(SETTINGS, batch_size=5, steps_per_epoch=3)
    batches = batches_of(PatchPairs(low, low), settings)
    for _ in range(3):
        drawn = torch.cat([next(batches)[0][:, 0, 0, 0] for _ in range(2)])
        assert sorted(drawn.tolist()) == list(range(10))


def test_low_and_high_are_turned_alike():
    low = np.random.default_rng(0).normal(size=(6, 4, 4)).astype(np.float32)
    batches = batches_of(PatchPairs(low, 2 * low), SETTINGS)
    seen = set()
    for _ in range(40):
        first, second = next(batches)
        assert torch.equal(2 * first, second)
        seen.add(round(first[0, 0, 0, 0].item(), 5))
    assert len(seen) > 6


def test_plateau_halves_after_ten_epochs_without_progress():
    settings = Settings(
        100, 400, 16, 4e-4, {"name": "plateau", "factor": 0.5, "patience": 10}, False, "full"
    )
    rate = schedules.learning_rate_schedule(settings)
    losses_so_far = [1.0] * 11
    history = [{"validation_loss": value} for value in losses_so_far]
    assert rate(0, history[:10]) == 4e-4
    assert rate(0, history) == 2e-4
    assert rate(0, [*history, {"validation_loss": 0.5}]) == 2e-4
    assert rate(0, history + history[:10]) == 1e-4


def test_cosine_rises_and_falls_to_zero():
    rate = schedules.learning_rate_schedule(
        replace(SETTINGS, epochs=10, steps_per_epoch=10, learning_rate=1.0)
    )
    rates = [rate(step, []) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert rates[-1] < 0.001


def test_progress_tells_epoch_loss_and_time_left():
    _, _, lines = run()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3, step 15: loss ")
    assert lines[-1].endswith("0:00 min left")


def test_an_adversarial_loss_trains_with_what_its_critic_says():
    (_, plain, _), (_, trained, _) = run("mae"), run("adversarial")
    assert not torch.equal(plain.last["mean.weight"], trained.last["mean.weight"])
    assert trained.best.keys() == plain.best.keys()
    # The term of a critic that knows nothing is half the weight, beside the absolute error.
    excess = trained.history[0]["loss"] - plain.history[0]["loss"]
    assert 0 < excess < 0.1


@pytest.mark.parametrize("name", ["adversarial", "laplace"])
@pytest.mark.parametrize("schedule", [SETTINGS.schedule, {"name": "plateau", **PLATEAU}])
def test_a_training_that_goes_on_ends_as_if_it_had_never_stopped(name, schedule):
    settings = replace(SETTINGS, epochs=5, schedule=schedule)
    states = []
    _, whole, _ = run(name, settings=settings, keep=lambda state: states.append(deepcopy(state)))
    for state in states:
        _, resumed, lines = run(name, settings=settings, state=state)
        assert same(resumed.best, whole.best)
        assert same(resumed.last, whole.last)
        assert resumed.best_epoch == whole.best_epoch
        assert without_seconds(resumed.history) == without_seconds(whole.history)
        assert len(lines) == 5 - len(state.history)
        seconds = [row["seconds"] for row in resumed.history]
        assert seconds == sorted(seconds)


def test_a_training_stopped_by_an_error_goes_on_from_its_checkpoint(tmp_path):
    settings = replace(SETTINGS, epochs=4)
    _, whole, _ = run(settings=settings)
    checkpoint = Checkpoint(tmp_path, identity={"seed": 0}, report=print)

    def keep(state):
        checkpoint.keep(state)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(settings=settings, keep=keep)
    _, resumed, lines = run(settings=settings, state=checkpoint.load())
    assert len(lines) == 3
    assert same(resumed.best, whole.best)
    assert same(resumed.last, whole.last)


def test_training_stops_on_nan_with_a_sentence():
    pairs = noisy_pairs()
    pairs.low[3, 5, 5] = np.inf
    with pytest.raises(
        InputError, match=r"The loss 'mae' became (nan|inf) in epoch 1 at a learning"
    ):
        run(pairs=pairs)


def test_a_loss_beyond_its_bound_stops_with_the_image_named():
    pairs = noisy_pairs()
    pairs.low[3, 5, 5] = 1e9
    images = [f"cell {number // 4}" for number in range(len(pairs))]
    with pytest.raises(InputError, match=r"became .* patch 3 of the image cell 0 reach furthest"):
        run(pairs=pairs, images=images)


@pytest.mark.parametrize("name", ["epochs", "steps_per_epoch", "batch_size", "learning_rate"])
def test_settings_that_train_nothing_are_refused(name):
    with pytest.raises(InputError, match=f"The training's {name} must be above zero, but is 0"):
        replace(SETTINGS, **{name: 0})


def test_of_equally_good_epochs_the_first_is_the_best():
    history = [{"epoch": n, "validation_loss": loss} for n, loss in ((1, 2.0), (2, 1.0), (3, 1.0))]
    assert loop._best_epoch(history) == 2


def test_an_unknown_schedule_is_refused():
    with pytest.raises(InputError, match="schedule must be one of cosine, plateau"):
        run(settings=replace(SETTINGS, schedule={"name": "step"}))


def test_a_saved_model_predicts_as_before(tmp_path):
    network, trained, _ = run("laplace")
    save_weights(tmp_path / "last.safetensors", trained.last)
    card = {"network": UNET, "dims": 2, "probabilistic": True}
    loaded = load(tmp_path / "last.safetensors", card, device="cpu")
    image = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(loaded(image), network.eval()(image))


def test_weights_of_another_network_are_refused(tmp_path):
    _, trained, _ = run("laplace")
    save_weights(tmp_path / "last.safetensors", trained.last)
    card = {"network": UNET, "dims": 2, "probabilistic": False}
    with pytest.raises(InputError, match="does not hold the weights that its card describes"):
        load(tmp_path / "last.safetensors", card, device="cpu")
