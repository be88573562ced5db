import pytest
import torch

from denoisekit.training import checkpoints
from denoisekit.training.checkpoints import Checkpoint, State

IDENTITY = {"seed": "0", "training": {"epochs": 3}, "percentiles": (2, 99.8)}
HISTORY = [{"epoch": 1, "loss": 0.1 + 0.2, "seconds": 1.5}]


def state(value=1.0):
    odd = torch.arange(24.0).reshape(1, 2, 3, 4).permute(0, 3, 1, 2)
    return State({"weights": odd * value, "step": torch.tensor(3.0)}, HISTORY)


@pytest.fixture
def lines():
    return []


@pytest.fixture
def checkpoint(tmp_path, lines):
    return Checkpoint(tmp_path / "seed0", identity=IDENTITY, report=lines.append)


@pytest.fixture
def kept(checkpoint, tmp_path):
    """The file of a state that is kept."""
    checkpoint.keep(state())
    return tmp_path / "seed0" / "state.safetensors"


def test_a_state_comes_back_as_it_was(checkpoint, kept, lines):
    found = checkpoint.load()
    assert found.history == HISTORY
    assert found.tensors.keys() == state().tensors.keys()
    assert all(torch.equal(found.tensors[name], value) for name, value in state().tensors.items())
    assert lines == ["training was interrupted and goes on after epoch 1"]


def test_without_a_state_there_is_nothing_to_say(checkpoint, lines):
    assert checkpoint.load() is None
    assert lines == []


def test_a_state_is_kept_at_most_every_ten_seconds(checkpoint, kept, monkeypatch):
    checkpoint.keep(state(2.0))
    assert checkpoint.load().tensors["weights"].max() == 23
    later = checkpoints.time.monotonic() + 11
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: later)
    checkpoint.keep(state(2.0))
    assert checkpoint.load().tensors["weights"].max() == 46
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_state_of_another_training_is_not_used(tmp_path, kept, lines):
    other = {**IDENTITY, "seed": "1", "code": "abc"}
    assert Checkpoint(kept.parent, identity=other, report=lines.append).load() is None
    assert lines == [
        f"{kept} is of a training that differs in seed, code; training starts anew",
    ]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.99])
def test_a_state_cut_short_is_said_and_not_used(checkpoint, kept, lines, share):
    content = kept.read_bytes()
    kept.write_bytes(content[: int(share * len(content))])
    assert checkpoint.load() is None
    assert lines[0].startswith(f"{kept} is damaged (")
    assert lines[0].endswith("); training starts anew")


def test_a_flipped_bit_anywhere_is_seen(checkpoint, kept, lines):
    content = kept.read_bytes()
    for place in range(0, len(content), 7):
        spoilt = bytearray(content)
        spoilt[place] ^= 1
        kept.write_bytes(spoilt)
        assert checkpoint.load() is None, place
    assert all("is damaged (" in line for line in lines)


def test_what_is_removed_leaves_no_empty_folder(tmp_path):
    (tmp_path / "models").mkdir()
    first, second = (
        Checkpoint(tmp_path / "checkpoints" / "mae" / seed, identity={}, report=print)
        for seed in ("seed0", "seed1")
    )
    for checkpoint in (first, second):
        checkpoint.keep(state())
    first.remove()
    assert second.load() is not None
    second.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_a_disk_that_cannot_be_written_does_not_end_the_training(tmp_path, lines):
    (tmp_path / "file").write_text("in the way")
    checkpoint = Checkpoint(tmp_path / "file" / "seed0", identity={}, report=lines.append)
    checkpoint.keep(state())
    assert lines[0].startswith("the training's state cannot be kept (")
