"""Windows of a movie: the frames around each."""

import inspect

import numpy as np
import pytest
import torch

from denoisekit import networks
from denoisekit.errors import InputError
from denoisekit.images import windows
from denoisekit.study.check import SEVERAL_CHANNELS

NETWORKS = {
    "unet": {"depth": 1, "kernel_size": 3, "first_filters": 4},
    "nafnet": {"depth": 1, "blocks": 1, "first_filters": 4, "window": 8},
}


def test_a_frame_beyond_an_end_is_the_one_as_far_on_the_other_side():
    found = windows.around(range(6), window=5, name="a movie")
    assert found[2] == [0, 1, 2, 3, 4]
    assert found[0] == [2, 1, 0, 1, 2]
    assert found[1] == [3, 0, 1, 2, 3]
    assert found[5] == [3, 4, 5, 4, 3]


@pytest.mark.parametrize(("count", "window"), [(3, 3), (5, 5), (6, 5), (11, 11)])
def test_no_frame_is_beside_itself(count, window):
    for number, frames in enumerate(windows.around(range(count), window=window, name="a movie")):
        assert frames[window // 2] == number
        assert frames.count(number) == 1


def test_a_movie_shorter_than_a_window_is_refused():
    with pytest.raises(InputError, match="a movie has 4 frames, but the network looks at 5"):
        windows.around(range(4), window=5, name="a movie")


def test_frames_with_whole_windows_are_all_but_those_at_the_ends():
    assert windows.complete(range(7), window=5) == [2, 3, 4]
    assert windows.complete(range(7), window=1) == list(range(7))


def test_neighbours_leave_out_what_they_are_to_become():
    assert windows.seen({"objective": "neighbours", "frames": 5}) == [0, 1, 3, 4]
    assert windows.seen({"objective": "supervised", "frames": 3}) == [0, 1, 2]
    assert windows.seen({"objective": "noise2void"}) == [0]


def test_a_study_knows_which_networks_take_several_channels():
    taking = {
        name
        for name in networks.names()
        if "channels"
        in inspect.signature(
            networks._registry.load(
                "denoisekit.networks", networks._FOLDER, name, kind="network"
            ).build
        ).parameters
    }
    assert taking == set(SEVERAL_CHANNELS)


@pytest.mark.parametrize("name", SEVERAL_CHANNELS)
def test_what_a_network_restores_is_added_to_the_middle(name):
    settings = {"architecture": name, **NETWORKS[name]}
    images = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 5, 16, 16))).float()
    for channels, middle in ((5, images[:, 2:3]), (4, images[:, 1:3].mean(1, keepdim=True))):
        network = networks.build(settings, dims=2, probabilistic=False, channels=channels)
        torch.nn.init.zeros_(network.mean.weight)
        torch.nn.init.zeros_(network.mean.bias)
        torch.testing.assert_close(network(images[:, :channels]), middle)


def test_a_network_of_single_images_refuses_several():
    settings = {"architecture": "dncnn", "layers": 3, "filters": 4}
    with pytest.raises(InputError, match="takes images of one channel"):
        networks.build(settings, dims=2, probabilistic=False, channels=3)
