"""How well found objects match labels: closed forms, and values of the Cell Tracking Challenge."""

import numpy as np
import pytest

from denoisekit.errors import InputError
from denoisekit.evaluation.objects import measure


def line(**objects):
    """Label stretches of a line of 400 px: a number for each, from a start up to an end."""
    labels = np.zeros((1, 400), dtype=np.int32)
    for number, (start, stop) in enumerate(objects.values(), start=1):
        labels[0, start:stop] = number
    return labels


TWO = line(a=(0, 100), b=(200, 300))


@pytest.mark.parametrize(
    ("found", "seg", "f1", "wrong", "count"),
    [
        (TWO, 1, 1, 0, 1),
        # One exact and one missed; just half of one is not covered; two thirds are.
        (line(a=(0, 100)), 1 / 2, 2 / 3, 1 / 2, 1 / 2),
        (line(a=(0, 100), b=(200, 250)), 1 / 2, 1 / 2, 1 / 2, 1),
        (line(a=(0, 99), b=(200, 266)), (0.99 + 0.66) / 2, 1, 0, 1),
        # Both under one label that is larger than they are.
        (line(a=(0, 300)), (1 / 3 + 1 / 3) / 2, 0, 1, 1 / 2),
        # One split into halves.
        (line(a=(0, 100), b=(200, 250), c=(250, 300)), 1 / 2, 2 / 5, 1 / 2, 3 / 2),
        # What is found where nothing is costs nothing of SEG, and is no wrong object.
        (line(a=(0, 100), b=(200, 300), c=(320, 400)), 1, 4 / 5, 0, 3 / 2),
        (line(), 0, 0, 1, 0),
    ],
)
def test_measures_are_their_closed_forms(found, seg, f1, wrong, count):
    expected = {"seg": seg, "f1_50": f1, "wrong": wrong, "found": count}
    assert measure(TWO, found) == pytest.approx(expected)


def test_two_objects_under_one_label_of_84_px_have_36_of_it_each():
    labels = line(a=(0, 36), b=(48, 84))
    assert measure(labels, line(a=(0, 84)))["seg"] == pytest.approx(36 / 84)


def blocks(dims, seed):
    """Random blocks, and the same moved by a voxel or two and with holes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 9, size=[6, 6] if dims == 2 else [3, 3, 3])
    for axis in range(dims):
        labels = labels.repeat(8, axis=axis)
    moved = np.roll(labels, (1, 2, 1)[:dims], axis=tuple(range(dims)))
    return labels, np.where(rng.random(labels.shape) < 0.15, 0, moved)


# As py-ctcmetrics 1.3.3 gives them for these images.
@pytest.mark.parametrize(
    ("dims", "seed", "seg"), [(2, 0, 0.4592883763652549), (3, 1, 0.2041244007055228)]
)
def test_seg_is_that_of_the_challenges_own_measures(dims, seed, seg):
    assert measure(*blocks(dims, seed))["seg"] == pytest.approx(seg, abs=1e-12)


def test_numbers_of_objects_mean_nothing():
    labels, found = blocks(2, 3)
    renamed = np.random.default_rng(0).permutation(np.arange(1, 10))
    other = np.where(found > 0, 1000 * renamed[found - 1], 0).astype(np.uint32)
    assert measure(labels.astype(np.uint8), other) == measure(labels, found)


def test_nothing_can_be_found_where_nothing_is_labelled():
    with pytest.raises(InputError, match="hold no object, 0 everywhere"):
        measure(np.zeros((4, 4), int), np.ones((4, 4), int))
    with pytest.raises(InputError, match="must have the same shape, but are 1 x 400 and 4 x 4"):
        measure(TWO, np.ones((4, 4), int))
