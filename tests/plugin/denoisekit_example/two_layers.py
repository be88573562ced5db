"""Two layers of convolutions."""

from torch import nn

from denoisekit.networks import Network


class TwoLayers(Network):
    """A network of two convolutions that adds to its input."""

    def __init__(self, *, dims: int, filters: int) -> None:
        super().__init__()
        convolution = nn.Conv2d if dims == 2 else nn.Conv3d
        self.first = convolution(1, filters, 3, padding="same")
        self.last = convolution(filters, 1, 3, padding="same")
        self.stride, self.reach = 1, 2

    def forward(self, images):
        """Return images of the same shape."""
        return images + self.last(self.first(images).relu())


def build(*, dims: int, probabilistic: bool, filters: int) -> Network:
    """Build the network."""
    return TwoLayers(dims=dims, filters=filters)
