"""Networks, one module each, found by the name the config uses."""

import copy
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from denoisekit import _registry, plugins
from denoisekit.errors import InputError

# The layout that convolutions of many channels are fastest in.
_FASTEST = {2: torch.channels_last, 3: torch.channels_last_3d}
_FOLDER = str(Path(__file__).parent)
# Relative to the largest output; rounding differs with the size of an image.
_SAME = 1e-5
# An image of noise has so many px beyond its tile, and so many across, at least.
_BEYOND, _ACROSS = 16, 8
# A network that reaches further, px, sees whole images; so says one that takes means over them.
_FURTHEST = 512


class Network(nn.Module):
    """What all networks have.

    Attributes
    ----------
    stride
        What every spatial side of their images must be a multiple of.
    reach
        Pixels to each side that an output pixel depends on.
    """

    stride: int
    reach: int

    def restore_part(self, images: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        """Restore a part of images, which equals that part of the restored images to rounding.

        Parameters
        ----------
        images
            (N, channels, *spatial), as the network takes them.
        kept
            The part, with a start and a stop in px for each spatial axis.

        Returns
        -------
        torch.Tensor
            The part alone, (N, outputs, *spatial). A network may leave out the computing of what
            the part does not depend on.
        """
        restored: torch.Tensor = self(images)
        return restored[(slice(None), slice(None), *kept)]


def place_in(part: Sequence[slice], whole: Sequence[slice]) -> tuple[slice, ...]:
    """Return where a part lies in a larger one, as `Network.restore_part` takes it."""
    return tuple(
        slice(inner.start - outer.start, inner.stop - outer.start)
        for inner, outer in zip(part, whole, strict=True)
    )


def names() -> list[str]:
    """Return the names of all architectures."""
    return _registry.names(_FOLDER)


def build(
    settings: Mapping[str, Any],
    *,
    dims: int,
    probabilistic: bool,
    channels: int = 1,
    jointly: bool = False,
) -> Network:
    """Build the network that settings describe.

    Parameters
    ----------
    settings
        ``architecture`` (one of `names`) and that architecture's own keys.
    dims
        Number of spatial axes, 2 or 3.
    probabilistic
        Whether a scale is predicted beside the mean; an InputError of networks that predict none.
    channels
        Of an image; an InputError of architectures that take a single one.
    jointly
        Whether all channels are restored, as colours of a sample, rather than the one in the
        middle, as frames around it.

    Returns
    -------
    Network
        Takes (N, channels, *spatial) to (N, 1, *spatial), to (N, 2, *spatial) with the means first
        if probabilistic, or to (N, K, *spatial) if it has the option ``outputs``, K. If jointly, to
        (N, channels, *spatial), or twice as many with all means first.
    """
    options = {key: value for key, value in settings.items() if key != "architecture"}
    module = _registry.load(
        __name__, _FOLDER, settings["architecture"], kind="network's architecture"
    )
    if channels > 1:
        asked = {"channels": channels} | ({"jointly": True} if jointly else {})
        if not asked.keys() <= inspect.signature(module.build).parameters.keys():
            raise InputError(
                f"The network {settings['architecture']!r} takes images of one channel, and no "
                "frames beside; train 'unet' or 'nafnet' with 'frames' or 'channels'."
            )
        options |= asked
    built = module.build(dims=dims, probabilistic=probabilistic, **options)
    if not isinstance(built, Network):
        raise InputError(
            f"What the architecture {settings['architecture']!r} builds is a "
            f"{type(built).__name__}, and no denoisekit.networks.Network; derive it from that."
        )
    real = not any(weights.is_meta for weights in built.parameters())
    if real and settings["architecture"] in plugins.find("networks"):
        outputs = (1 + probabilistic) * (channels if jointly else 1)
        outputs = settings.get("outputs", outputs)
        _check_tiles(built, settings["architecture"], (channels, outputs), dims=dims)
    # torch's types know of no memory format.
    network: Network = built.to(memory_format=_FASTEST[dims])  # type: ignore[call-overload]
    return network


def _check_tiles(network: Network, name: str, channels: tuple[int, int], *, dims: int) -> None:
    """Raise InputError if a tile of noise is restored otherwise than within its image.

    Weights that begin as zeros would hide what the network sees; they are noise here. Images are
    long along one axis at a time, which takes no time and no memory in three dimensions either.
    """
    stride, reach = (getattr(network, key, None) for key in ("stride", "reach"))
    if not (isinstance(stride, int) and isinstance(reach, int) and stride > 0 <= reach):
        raise InputError(
            f"The architecture {name!r} has a stride of {stride} and a reach of {reach}, which "
            "must be numbers of px; mend its plug-in."
        )
    noise = torch.Generator().manual_seed(0)
    probe = copy.deepcopy(network).eval()
    for weights in probe.parameters():
        if not weights.any():
            weights.data.normal_(0, 0.1, generator=noise)
    margins = (min(reach, _FURTHEST), _BEYOND, _ACROSS)
    beside, beyond, across = (-(-side // stride) * stride for side in margins)
    for axis in range(dims):
        sides = [across] * dims
        sides[axis] = stride + 2 * (beside + beyond)
        image = torch.randn(1, channels[0], *sides, generator=noise)
        kept, outer = ([slice(0, side) for side in sides] for _ in range(2))
        kept[axis] = slice(beside + beyond, beside + beyond + stride)
        outer[axis] = slice(beyond, sides[axis] - beyond)
        try:
            with torch.inference_mode():
                whole = probe(image)
                tile = image[(slice(None), slice(None), *outer)]
                part = probe.restore_part(tile, place_in(kept, outer))
        except (RuntimeError, ValueError, IndexError) as error:
            raise InputError(
                f"The architecture {name!r} cannot restore {' x '.join(map(str, sides))} px, "
                f"multiples of its stride of {stride} ({error}); mend its plug-in."
            ) from error
        if (made := tuple(whole.shape)) != (1, channels[1], *sides):
            raise InputError(
                f"The architecture {name!r} makes {made} of {tuple(image.shape)}, not "
                f"{(1, channels[1], *sides)}; mend its plug-in."
            )
        whole = whole[(slice(None), slice(None), *kept)]
        if reach > _FURTHEST:
            continue
        if part.shape != whole.shape or not torch.allclose(
            part, whole, rtol=0, atol=_SAME * float(whole.abs().max())
        ):
            raise InputError(
                f"The architecture {name!r} restores a tile otherwise than the whole image, though "
                f"the tile has {reach} px more to each side, as its reach says; mend its stride, "
                "its restore_part or its reach in its plug-in (the side of the largest image, if "
                "it sees all of one)."
            )
