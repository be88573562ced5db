"""Restore the channels of a sample jointly, with a network that sees all of them.

Each channel is normalised by percentiles of its own and comes back in its own units; the network
alone sees them together. Source: CSBDeep 0.8.1, models/care_standard.py (Weigert et al. 2018, doi
10.1038/s41592-018-0216-7), whose axis C it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from denoisekit._checks import contrast, same_shape, shape_text
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer, percentile_normalizer
from denoisekit.noise.usable import Unusable, find, put_back, repaired
from denoisekit.restoring.inference import TileSize, mean_of_orientations, predict
from denoisekit.restoring.model import Model
from denoisekit.restoring.restored import Restored


@dataclass(frozen=True)
class JointRestorer:
    """Restore all channels of a sample with one network.

    Attributes
    ----------
    model
        A network that was trained on channels.
    percentiles, tile, precision, turned
        As `denoisekit.restoring.inference.restore` takes them.
    normalize
        What the study normalises together, as of `denoisekit.restoring.inference.Restorer`.
    """

    model: Model
    percentiles: tuple[float, float]
    tile: TileSize
    precision: str
    turned: bool = False
    normalize: str | None = None

    def __post_init__(self) -> None:
        if not self.model.channels:
            raise InputError(
                "The network restores single images, no channels jointly; open it with "
                "'denoisekit.restoring.model_folder.open'."
            )

    def predict(
        self,
        images: Sequence[np.ndarray],
        names: Sequence[str],
        *,
        unusable: Sequence[Unusable] | None = None,
        normalizers: Sequence[Normalizer | None] | None = None,
    ) -> list[Restored]:
        """Return every channel, restored, in its own units.

        Parameters
        ----------
        images
            Of each channel, in the order of the model's, all (Y, X) or (Z, Y, X) of one shape.
        names
            What to call each in an error.
        unusable
            What `denoisekit.noise.usable.find` found in each; None to find it.
        normalizers
            What each is normalised by, as all frames of a movie are; None for its own percentiles.

        Raises
        ------
        InputError
            If there are more or fewer images than channels, they differ in shape or have other axes
            than the network's images, or one cannot be restored.
        """
        self.check(images, names)
        given = [None] * len(images) if normalizers is None else normalizers
        if unusable is None:
            unusable = [find(one, name=name) for one, name in zip(images, names, strict=True)]
        sound, used = [], []
        for pixels, odd, name, normalizer in zip(images, unusable, names, given, strict=True):
            contrast(pixels, name=name)
            image = repaired(pixels, odd)
            if normalizer is None:
                normalizer = percentile_normalizer(
                    image, percentiles=self.percentiles, name=name, usable=~odd.outside
                )
            sound.append(normalizer.apply(image))
            used.append(normalizer)
        together = ", ".join(names)
        apply = partial(
            predict,
            self.model.network,
            tile=self.tile,
            precision=self.precision,
            device=self.model.device,
            name=together,
        )
        seen = np.stack(sound)
        found = mean_of_orientations(apply, seen) if self.turned else apply(seen)
        if not np.isfinite(found).all():
            raise InputError(
                f"The network made NaN or infinite numbers of {together}, which it is not fit to "
                "restore; look at its training, or at the images' range."
            )
        means, scales = found[: len(images)], found[len(images) :]
        return [
            Restored(
                put_back(normalizer.undo(means[number]), images[number], unusable[number].outside),
                normalizer.undo_scale(scales[number]) if len(scales) else None,
            )
            for number, normalizer in enumerate(used)
        ]

    def check(self, images: Sequence[np.ndarray], names: Sequence[str]) -> None:
        """Raise InputError unless there is an image of every channel, and all have one shape."""
        channels, axes = self.model.channels, 3 if self.model.volumes else 2
        if len(images) != len(channels):
            raise InputError(
                f"The network restores the channels {', '.join(channels)}, but was given "
                f"{len(images)} image{'s' * (len(images) != 1)}; give one of each, in this order."
            )
        for image, name in zip(images, names, strict=True):
            same_shape(images[0], image, names=(names[0], name))
            if image.ndim != axes:
                kind = "volumes, (Z, Y, X)" if axes == 3 else "planes, (Y, X)"
                raise InputError(
                    f"{name} is {shape_text(image) or 'a single number'}, but the network restores "
                    f"{kind}; give one of each channel at a time."
                )
