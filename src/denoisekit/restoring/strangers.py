"""Networks of strangers: packages of the bioimage.io format, run by bioimageio.core.

What such a package holds is run as code. Only call this where a user has said to trust it.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit._checks import finite, shape_text
from denoisekit.errors import InputError


@dataclass(frozen=True)
class Stranger:
    """A package's network, called with an image, (Y, X), in its own units.

    Attributes
    ----------
    path
        Of the package.
    pipeline
        Of bioimageio.core: what is done before and after belongs to it.
    axes
        Of its input, in order: ``batch``, ``channel``, ``y`` and ``x``.
    """

    path: str
    pipeline: Any
    axes: tuple[str, ...]

    def __call__(self, pixels: np.ndarray, name: str) -> np.ndarray:
        """Return the restored image, (Y, X) float32, in whatever units the network gives.

        The image is extended by reflection to a size that the network takes.

        Raises
        ------
        InputError
            If the network does not take an image of that size, or returns another size or pixels
            that are no numbers.
        """
        from bioimageio.core import Tensor
        from bioimageio.core.digest_spec import create_sample_for_model

        padded = np.pad(pixels, self._margins(pixels, name), mode="reflect")
        places = tuple(slice(None) if axis in ("y", "x") else None for axis in self.axes)
        given = padded if self.axes.index("y") < self.axes.index("x") else padded.T
        tensor = Tensor.from_numpy(given.astype(np.float32)[places], dims=self.axes)
        (described,) = self.pipeline.model_descr.inputs
        sample = create_sample_for_model(
            self.pipeline.model_descr, inputs={described.id: tensor}, sample_id=name
        )
        made = self.pipeline.predict_sample_without_blocking(sample)
        first = self.pipeline.model_descr.outputs[0].id
        found = made.members[first].data.transpose(*_first(made.members[first].dims)).to_numpy()
        image = found.reshape(-1, *found.shape[-2:])[0].astype(np.float32)
        if image.shape != padded.shape:
            raise InputError(
                f"{self.path} makes an image of {shape_text(image)} px of {name}, which is "
                f"{shape_text(padded)}; only networks that keep the size can be compared."
            )
        image = image[: pixels.shape[0], : pixels.shape[1]]
        finite(image, name=f"What {self.path} makes of {name}")
        return image

    def _margins(self, pixels: np.ndarray, name: str) -> list[tuple[int, int]]:
        (described,) = self.pipeline.model_descr.inputs
        sizes = {str(axis.id): axis.size for axis in described.axes if hasattr(axis, "size")}
        margins = []
        for axis, side in zip("yx", pixels.shape, strict=True):
            size = sizes[axis]
            if isinstance(size, int):
                wanted = size
            else:
                wanted = max(size.min, side) + -(max(size.min, side) - size.min) % size.step
            if wanted < side or wanted - side >= side:
                raise InputError(
                    f"{self.path} takes images of {wanted} px along {axis}, but {name} is "
                    f"{shape_text(pixels)}; give images of its size."
                )
            margins.append((0, wanted - side))
        return margins


def open(package: str | Path) -> Stranger:
    """Open a package of the bioimage.io format, to restore images with its network.

    Parameters
    ----------
    package
        A .zip with a description, ``rdf.yaml`` or ``bioimageio.yaml``.

    Raises
    ------
    InputError
        If bioimageio.core is missing or does not read the package, or its network takes anything
        but one image of one channel.
    """
    try:
        from bioimageio import core, spec
    except ImportError as error:
        raise InputError(
            f"Packages of others are run by bioimageio.core ({error}); "
            "pip install 'denoisekit[export]'."
        ) from error
    from bioimageio.spec.model import v0_5
    from loguru import logger

    logger.disable("bioimageio")
    description = spec.load_description(str(package), format_version="latest")
    if not isinstance(description, v0_5.ModelDescr):
        raise InputError(
            f"{package} holds no model in the bioimage.io format that bioimageio.spec "
            f"{spec.__version__} reads; have it checked by 'bioimageio test', or copy it anew."
        )
    inputs: Any = description.inputs
    axes = tuple(str(axis.id) for axis in inputs[0].axes)
    several = any(getattr(axis, "size", 1) != 1 for axis in inputs[0].axes if axis.id == "channel")
    if len(inputs) != 1 or several or sorted(set(axes) - {"batch", "channel"}) != ["x", "y"]:
        told = " and ".join(", ".join(str(axis.id) for axis in one.axes) for one in inputs)
        raise InputError(
            f"{package} takes images of {told}, but a study restores planes (y, x) of one channel; "
            "take another package."
        )
    try:
        pipeline = core.create_prediction_pipeline(description)
    except Exception as error:
        # Of whatever program its network is for, that may be missing in any way.
        raise InputError(
            f"The network of {package} cannot be run here ({textwrap.shorten(str(error), 200)}); "
            "install what it needs, or take another package."
        ) from error
    return Stranger(str(package), pipeline, axes)


def _first(dims: tuple[Any, ...]) -> list[str]:
    """Return axes with Y and X behind all others."""
    names = [str(dim) for dim in dims]
    return [name for name in names if name not in ("y", "x")] + ["y", "x"]
