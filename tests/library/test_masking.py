import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from denoisekit.errors import InputError
from denoisekit.training import masking
from denoisekit.training.masking import Line

N2V = {"percent": 1.5, "neighbourhood": 11, "replacement": "neighbour", "line": None}


def mask(images, *, seed=0, **changed):
    options = {**N2V, **changed}
    return masking.mask(images, **options, generator=torch.Generator().manual_seed(seed))


def numbered(count, *sides):
    """Images whose values tell where each pixel was: 0, 1, 2 ... in every image."""
    image = torch.arange(float(np.prod(sides))).reshape(1, 1, *sides)
    return image.repeat(count, *(1 for _ in range(len(sides) + 1)))


def replaced(images, masked):
    """Place and source of every hidden pixel of numbered images, (pixels, dims) each."""
    hidden = np.argwhere(masked.mask[:, 0].numpy())[:, 1:]
    values = masked.inputs[masked.mask].numpy().astype(int)
    return hidden, np.stack(np.unravel_index(values, images.shape[2:]), axis=1)


@pytest.mark.parametrize(
    ("percent", "dims", "side"), [(1.5, 2, 8), (2.8, 2, 6), (1.5, 3, 4), (0.2, 3, 8)]
)
def test_the_box_follows_from_the_percentage_and_the_dimension(percent, dims, side):
    assert masking.box_side(percent, dims=dims) == side


@pytest.mark.parametrize(("sides", "box"), [((64, 64), 8), ((8, 12, 16), 4)])
def test_one_pixel_of_every_box_is_hidden(sides, box):
    hidden = mask(torch.randn(3, 1, *sides)).mask[:, 0]
    for axis in range(1, len(sides) + 1):
        hidden = torch.stack(hidden.split(box, axis)).sum(axis + 1).movedim(0, axis)
    assert (hidden == 1).all()


@pytest.mark.parametrize("sides", [(20, 13), (9, 11, 6)])
def test_every_pixel_is_hidden_equally_often_also_in_boxes_that_are_cut(sides):
    box = 8 if len(sides) == 2 else 4
    count = 2000
    share = mask(torch.zeros(count, 1, *sides), neighbourhood=3).mask.float().mean(0)
    expected = box ** -len(sides)
    error = (share - expected).abs().max().item() / (expected / count) ** 0.5
    assert error < 4.5


@pytest.mark.parametrize(("sides", "reach"), [((20, 20), 2), ((6, 9, 8), 1)])
def test_a_neighbour_is_near_and_another_pixel(sides, reach):
    images = numbered(60, *sides)
    masked = mask(images, neighbourhood=2 * reach + 1)
    hidden, source = replaced(images, masked)
    distance = np.abs(hidden - source).max(1)
    assert distance.min() == 1
    assert distance.max() == reach
    torch.testing.assert_close(masked.inputs[~masked.mask], images[~masked.mask], rtol=0, atol=0)


@pytest.mark.parametrize(("place", "neighbours"), [((0, 0), 8), ((0, 5), 14), ((9, 9), 8)])
def test_each_neighbour_is_as_likely_also_at_the_border(place, neighbours):
    images = numbered(6000, 10, 10)
    hidden, source = replaced(images, mask(images, percent=4, neighbourhood=5))
    of_place = source[(hidden == place).all(1)]
    drawn, counts = np.unique(of_place, axis=0, return_counts=True)
    assert len(drawn) == neighbours
    expected = len(of_place) / neighbours
    assert np.abs(counts - expected).max() < 4.5 * expected**0.5


@pytest.mark.parametrize("sides", [(16, 16), (8, 8, 8)])
def test_the_median_is_numpys_without_the_centre_and_cut_at_the_border(sides):
    images = torch.randn(5, 1, *sides)
    masked = mask(images, neighbourhood=5, replacement="median")
    for place in np.argwhere(masked.mask[:, 0].numpy()):
        window = tuple(slice(max(0, start - 2), start + 3) for start in place[1:])
        around = images[place[0], 0].numpy()[window].ravel()
        own = images[place[0], 0].numpy()[tuple(place[1:])]
        expected = np.median(around[around != own])
        assert masked.inputs[place[0], 0][tuple(place[1:])].item() == pytest.approx(expected)


@pytest.mark.parametrize("replacement", ["neighbour", "median"])
@pytest.mark.parametrize("direction", ["horizontal", "vertical", "both"])
@pytest.mark.parametrize("sides", [(17, 24), (9, 12, 10)])
def test_nothing_of_a_line_is_left(direction, replacement, sides):
    images = 1 + torch.rand(4, 1, *sides)
    masked = mask(images, replacement=replacement, line=Line(direction, 7))
    lines = torch.zeros_like(masked.mask)
    for place in masked.mask.nonzero().tolist():
        for axis in {"horizontal": [-1], "vertical": [-2], "both": [-1, -2]}[direction]:
            along = [slice(n, n + 1) for n in place]
            along[axis] = slice(max(0, place[axis] - 3), place[axis] + 4)
            lines[tuple(along)] = True
    assert torch.equal(masked.inputs != images, lines)
    assert masked.inputs.min() >= images.min()
    assert masked.inputs.max() <= images.max()
    assert masked.mask.sum() == masked.inside.sum() < lines.sum() / 3


@pytest.mark.parametrize("replacement", ["neighbour", "median"])
@pytest.mark.parametrize("direction", ["horizontal", "vertical", "both"])
def test_the_inputs_tell_nothing_of_the_noise_on_a_hidden_pixels_line(direction, replacement):
    """Noise equal along a line must not be guessed from what replaces the line's pixels."""
    torch.manual_seed(0)
    images = torch.rand(50, 1, 24, 24)
    masked = mask(images, replacement=replacement, line=Line(direction, 9), percent=4)
    shown = masked.inputs.numpy()[:, 0]
    for image, row, column in np.argwhere(masked.mask[:, 0].numpy())[::5]:
        own = images[image, 0, row, column].item()
        before, after = max(0, row - 4), max(0, column - 4)
        if direction != "vertical":
            assert own not in shown[image, row, after : column + 5]
        if direction != "horizontal":
            assert own not in shown[image, before : row + 5, column]


def test_the_same_seed_hides_the_same():
    images = torch.randn(4, 1, 32, 32)
    first, again, other = (mask(images, seed=seed, line=Line("both", 5)) for seed in (1, 1, 2))
    assert torch.equal(first.inputs, again.inputs)
    assert torch.equal(first.places, again.places)
    assert not torch.equal(first.mask, other.mask)
    drawn_before = torch.random.get_rng_state()
    mask(images)
    assert torch.equal(drawn_before, torch.random.get_rng_state())


@pytest.mark.parametrize("sides", [(20, 13), (9, 11, 6)])
def test_values_at_the_places_are_those_under_the_mask(sides):
    images = torch.randn(3, 1, *sides)
    masked = mask(images)
    assert (
        masked.at(images)[:, 0][masked.inside]
        .sort()
        .values.equal(images[masked.mask].sort().values)
    )
    assert masked.mean(masked.at(images)[:, 0]).item() == pytest.approx(
        images[masked.mask].mean().item()
    )


def test_values_beyond_the_image_do_not_reach_a_mean_or_its_gradient():
    masked = mask(torch.randn(50, 1, 9, 9))
    assert not masked.inside.all()
    values = torch.where(masked.inside, 1.0, torch.nan).requires_grad_()
    masked.mean(values).backward()
    assert masked.mean(values).item() == 1
    assert values.grad[~masked.inside].eq(0).all()


@pytest.mark.parametrize("replacement", ["neighbour", "median"])
@pytest.mark.parametrize("line", [None, Line("both", 5)])
@pytest.mark.parametrize("sides", [(20, 13), (9, 11, 6)])
def test_shapes_are_fixed_and_no_value_is_asked_for(replacement, line, sides):
    """What a CUDA graph cannot record, a tensor without values refuses."""
    masking._window(5, line, len(sides), torch.device("cpu"))
    images, uniform = torch.randn(2, 1, *sides), torch.rand

    def without_generator(shape, *, generator, device):
        return uniform(shape, device=device)

    with FakeTensorMode(allow_non_fake_inputs=True) as mode, pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "rand", without_generator)
        fake = mode.from_tensor(images)
        masked = mask(fake, neighbourhood=5, replacement=replacement, line=line)
        masked.mean(masked.at(fake)[:, 0])
    assert masked.inputs.shape == images.shape
    with pytest.raises(Exception, match="_local_scalar_dense"), mode:
        masked.mask.sum().item()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"percent": 0}, "percentage of hidden pixels must be above 0"),
        ({"percent": 60}, "leave most pixels visible, but is 60"),
        ({"percent": 0.1}, "patch of 16 x 16 px is too small to hide 0.1 % of its pixels, one in"),
        ({"neighbourhood": 4}, "neighbourhood's side must be an odd number of px from 3 on"),
        ({"neighbourhood": 1}, "from 3 on, but is 1"),
        ({"replacement": "mean"}, "must be one of median, neighbour, but is 'mean'"),
    ],
)
def test_wrong_options_are_told(changed, sentence):
    with pytest.raises(InputError, match=sentence):
        mask(torch.zeros(1, 1, 16, 16), **changed)


def test_wrong_lines_are_told():
    with pytest.raises(InputError, match="direction must be one of both, horizontal, vertical"):
        Line("diagonal", 5)
    with pytest.raises(InputError, match="line's length must be an odd number of px from 3 on"):
        Line("both", 6)
