"""Restore a stack whose planes lie too far apart, with a network that learns from this stack."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from denoisekit.cli import _show
from denoisekit.cli._parts import Restored
from denoisekit.errors import InputError
from denoisekit.images.stacks import Stack

if TYPE_CHECKING:
    import numpy as np

    from denoisekit.images.voxels import Psf

# What the study `isotropic` trains with, on more patches and in half as many steps more, since a
# stack of one's own is larger than its.
_NETWORK = {"architecture": "unet", "depth": 2, "kernel_size": 3, "first_filters": 16}
_STRIDE, _SIDE, _PATCHES, _SEED = 4, 64, 600, 0
_SETTINGS: dict[str, Any] = {
    **{"epochs": 30, "steps_per_epoch": 40, "batch_size": 6, "learning_rate": 0.002},
    **{"augment": True, "precision": "mixed", "schedule": {"name": "cosine", "warmup": 0.1}},
}
_SAME_SIZE = 0.01


@dataclass(frozen=True)
class Isotropic:
    """What restores stacks, each by a network of its own.

    Attributes
    ----------
    psf_um
        Standard deviations of the point spread function within planes and along z; None of the
        latter to estimate it from each stack.
    pixel_size_um, z_spacing_um
        As the user says them; None to take the file's.
    tile
        Side of what is restored at once.
    tell
        Is told how much of the training is done.
    """

    psf_um: tuple[float, float | None]
    pixel_size_um: float | None
    z_spacing_um: float | None
    tile: int
    tell: _show.Progress

    unnamed = "Z"

    def restore_file(self, stack: Stack, target: Path) -> Restored:
        """Restore a file's one stack into another, and how far directions lie apart beside it."""
        import numpy as np

        from denoisekit.datasets.sparse import sound_planes
        from denoisekit.images.image import write_image
        from denoisekit.images.sparse import Sparse, isotropic_grid
        from denoisekit.images.voxels import step_of
        from denoisekit.restoring.isotropic_alone import Training, restore_alone
        from denoisekit.training.settings import Settings

        stack, name = stack.grey(how="with --channel"), str(stack.path)
        places = stack.places(volumes=True)
        if len(places) != 1 or stack.side("Z") < 2:
            raise InputError(
                f"{name} holds {len(places)} stacks of {stack.side('Z')} planes, but --isotropic "
                "restores one stack of two planes at least; save it alone."
            )
        scale = stack.scale
        if (
            scale.width_um
            and scale.height_um
            and abs(scale.height_um / scale.width_um - 1) > (_SAME_SIZE)
        ):
            raise InputError(
                f"The pixels of {name} are {scale.width_um:.4g} um wide and {scale.height_um:.4g} "
                "um high, but sections of both directions are restored alike; correct the file, or "
                "resample it to square pixels."
            )
        pixel = self._size("pixel size", self.pixel_size_um, stack.scale.width_um, name)
        spacing = self._size("z spacing", self.z_spacing_um, stack.scale.spacing_um, name)
        step = step_of(spacing, pixel, name=name)
        # A step is known only of a pixel that is.
        assert pixel is not None
        assert spacing is not None
        planes = sound_planes(stack.read(places[0]), name=name)
        psf = self._psf(planes, pixel, spacing, name)
        lengths = [int((side - 1) / step) * step + 1 for side in planes.shape[1:]]
        side = min(_SIDE, int(min(lengths)) // _STRIDE * _STRIDE)
        training = Training(
            network=_NETWORK,
            settings=Settings(**_SETTINGS),
            side=side,
            count=_PATCHES,
            percentiles=(2, 99.8),
            tile=self.tile,
            precision="mixed",
            seed=_SEED,
        )
        sizes = psf.lateral_sigma_um / pixel, psf.axial_sigma_um / pixel
        sparse = Sparse(planes, step, isotropic_grid(len(planes), step), *sizes, compared=False)
        epochs = iter(range(1, training.settings.epochs + 1))
        found = restore_alone(
            sparse,
            training=training,
            name=name,
            report=lambda _: self.tell(stack.path.name, next(epochs), training.settings.epochs),
        )
        beside = target.parent / "directions" / target.name
        for path, pixels in ((target, found.mean), (beside, found.disagreement)):
            shown = pixels.astype(np.float32)
            write_image(path, shown, pixel_size_um=pixel, spacing_um=pixel, axes="ZYX")
        return Restored(f"{len(planes)} planes to {len(found.mean)}, {pixel:.4g} um apart,", [])

    def _psf(self, planes: "np.ndarray", pixel: float, spacing: float, name: str) -> "Psf":
        """Return the point spread function that was told, or that of a stack's own spectra."""
        from denoisekit.images.own_psf import estimate_psf
        from denoisekit.images.voxels import Psf

        lateral, axial = self.psf_um
        if axial is not None:
            return Psf(lateral, axial)
        found = estimate_psf(
            [planes],
            pixel_size_um=pixel,
            spacing_um=spacing,
            lateral_sigma_um=lateral,
            name=name,
        )
        print(
            f"Note: the point spread function of {name} has a standard deviation of "
            f"{found.psf.axial_sigma_um:.3g} um (standard error {found.error_um:.2g}) along z by "
            "its own spectra, if the sample looks alike along all axes.",
            file=sys.stderr,
        )
        return found.psf

    def _size(self, what: str, told: float | None, own: float | None, name: str) -> float | None:
        """Return a size as the user says it, or else as the file does; tell where both differ."""
        if told is not None and own is not None and abs(told - own) > _SAME_SIZE * own:
            print(
                f"Note: {name} tells a {what} of {own:.4g} um, but {told:g} um was given, which is "
                "taken.",
                file=sys.stderr,
            )
        return own if told is None else told


def sizes(
    psf: tuple[float, float] | None,
    psf_lateral: float | None,
    pixel_size: float | None,
    z_spacing: float | None,
    *,
    others: Mapping[str, object],
) -> tuple[tuple[float, float | None], float | None, float | None]:
    """Return the sizes that were given; refuse options that decide nothing, and sizes of nothing.

    Raises
    ------
    InputError
        If one of the `others` is given, no point spread function is or two are, or it is no wider
        along z.
    """
    from denoisekit._checks import positive
    from denoisekit.images.voxels import Psf

    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value is not None]
    if given:
        raise InputError(
            f"--isotropic trains a network of its own and has no {' and no '.join(given)}; leave "
            "that out."
        )
    if psf is None and psf_lateral is None:
        raise InputError(
            "--isotropic needs the point spread function: give --psf, its standard deviations "
            "within planes and along z in micrometres, of a bead or by your objective, or "
            "--psf-lateral, that within planes, to have the other one estimated from the stack."
        )
    if psf is not None and psf_lateral is not None:
        raise InputError("--psf tells what --psf-lateral does; leave one of them out.")
    if psf is not None:
        Psf(*psf)
    if psf_lateral is not None:
        positive(psf_lateral, name="--psf-lateral")
    for name, size in (("--pixel-size", pixel_size), ("--z-spacing", z_spacing)):
        if size is not None:
            positive(size, name=name)
    return psf or (float(psf_lateral or 0), None), pixel_size, z_spacing
