"""Sizes of the voxels of a stack, and of its point spread function: what is asked of them."""

import math
from dataclasses import dataclass

from denoisekit._checks import positive
from denoisekit.errors import InputError

# Sizes in files are rounded.
_SAME_SIZE = 0.01


@dataclass(frozen=True)
class Psf:
    """A Gaussian point spread function, as wide along y as along x.

    Attributes
    ----------
    lateral_sigma_um, axial_sigma_um
        Standard deviations within planes and along z, in micrometres. Where both are the same,
        nothing is missing along z but planes.
    """

    lateral_sigma_um: float
    axial_sigma_um: float

    def __post_init__(self) -> None:
        positive(self.lateral_sigma_um, name="The lateral width of the point spread function")
        if self.axial_sigma_um < self.lateral_sigma_um:
            raise InputError(
                "The point spread function has a standard deviation of "
                f"{self.axial_sigma_um:g} um along z, which is narrower than the "
                f"{self.lateral_sigma_um:g} um within planes, so that planes cannot show what is "
                "missing along z; give both, in this order."
            )

    @property
    def missing_um(self) -> float:
        """Standard deviation of the blur along z that planes do not show: variances add up."""
        return math.sqrt(self.axial_sigma_um**2 - self.lateral_sigma_um**2)


def step_of(spacing_um: float | None, pixel_size_um: float | None, *, name: str) -> float:
    """Return how many pixels the planes of a stack lie apart.

    Parameters
    ----------
    spacing_um, pixel_size_um
        How far planes lie apart, and the side of a pixel, in micrometres; None where not known.
    name
        What to call the stack in an error.

    Raises
    ------
    InputError
        If one of them is not known, or planes lie closer than pixels. As far apart they may lie:
        such a stack is sharpened along z alone.
    """
    if spacing_um is None or pixel_size_um is None:
        unknown = "how far its planes lie apart" if spacing_um is None else "the size of its pixels"
        raise InputError(
            f"{name} does not tell {unknown}, which is not guessed; say it, in micrometres."
        )
    step = spacing_um / pixel_size_um
    if step < 1 - _SAME_SIZE:
        raise InputError(
            f"The planes of {name} lie {spacing_um:g} um apart and its pixels {pixel_size_um:g} um,"
            " so that it is finer along z than across; correct these sizes, or leave the stack out."
        )
    return max(step, 1.0)


def check_patch(side: int, *, missing_px: float, step: float, name: str) -> None:
    """Raise InputError if a patch is too small to show what is lost along z.

    Parameters
    ----------
    side
        Of the patches, in px.
    missing_px
        Standard deviation of the blur along z that planes do not show, in px.
    step
        How many pixels planes lie apart.
    name
        What to call the stack.
    """
    wide = 2 * math.ceil(3 * missing_px) + 1
    if wide > side:
        raise InputError(
            f"The point spread function of {name} is wider than a patch: along z it blurs over "
            f"{wide} px (three standard deviations a side), and patches are {side} px; make the "
            "patches larger, or correct the widths."
        )
    if 2 * step + 1 > side:
        raise InputError(
            f"The planes of {name} lie {step:.3g} px apart, so that a patch of {side} px holds "
            "fewer than three of them; make the patches larger."
        )
