"""The point spread function of real beads, and structure in real stacks."""

from pathlib import Path

import numpy as np
import pytest

from denoisekit.errors import InputError
from denoisekit.images.psf import measure_psf
from denoisekit.images.reading import read_volume
from denoisekit.images.sparse import check_structure


def test_a_bead_is_as_wide_as_two_dimensional_fits_of_it_found(sample_data: Path) -> None:
    beads = read_volume(sample_data / "volumes/bian/Bead_Image1_crop.tif").pixels
    found = measure_psf(beads, pixel_size_um=0.0225, spacing_um=0.125, name="beads")
    # Of the four beads 1.75 to 1.91 planes, and 3.0 to 6.2 px, along z without a lateral fit.
    assert found.axial_sigma_um == pytest.approx(0.229, rel=0.1)
    assert 3.0 < found.lateral_sigma_um / 0.0225 < 6.2


@pytest.mark.parametrize("name", ["cellseg3d/c5image", "plantseg/1135_mini_raw"])
def test_real_stacks_show_structure_and_their_shuffled_voxels_do_not(
    sample_data: Path, name: str
) -> None:
    pixels = read_volume(sample_data / f"volumes/{name}.tif").pixels
    check_structure(pixels, name=name)
    shuffled = np.random.default_rng(0).permutation(pixels.ravel()).reshape(pixels.shape)
    with pytest.raises(InputError, match="shows no structure"):
        check_structure(shuffled, name=name)
