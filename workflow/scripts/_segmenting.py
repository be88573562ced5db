"""The sides of the voxels that objects are found in."""

from denoisekit.images.image import Image


def voxel_of(
    image: Image, *, pixel_size_um: float, z_spacing_um: float | None
) -> tuple[float, ...]:
    """Return a pixel's or voxel's sides in micrometres; sizes are for files that tell none."""
    side = image.pixel_size_um or pixel_size_um
    if image.pixels.ndim == 2:
        return side, side
    spacing = image.spacing_um or z_spacing_um
    assert spacing is not None
    return spacing, side, side
