"""The axial width of a point spread function, estimated from stacks themselves."""

import numpy as np
import pytest
from scipy import ndimage

from denoisekit import files
from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import registered_row
from denoisekit.datasets.sparse import estimated_psf
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.own_psf import estimate_psf

SIZES = {"pixel_size_um": 0.1, "spacing_um": 0.3, "lateral_sigma_um": 0.15, "name": "the stacks"}


def stack(seed, *, axial_um, photons=60, planes=28, side=128, lateral_um=0.15):
    """A noisy stack of spots, seen through a Gaussian, of planes 3 px apart."""
    rng = np.random.default_rng(seed)
    spots = rng.random((3 * planes + 24, side + 24, side + 24)) > 0.998
    dense = ndimage.gaussian_filter(spots.astype(float), 1.0)
    widths = (axial_um / 0.1, lateral_um / 0.1, lateral_um / 0.1)
    seen = ndimage.gaussian_filter(dense, widths)[12:-12:3, 12:-12, 12:-12]
    counts = rng.poisson(photons * seen / np.percentile(seen, 99.5) + 2)
    return (2 * counts + 100 + rng.normal(0, 1.5, seen.shape)).astype(np.float32)


@pytest.mark.parametrize("axial_um", [0.3, 0.45, 0.9])
@pytest.mark.parametrize("photons", [20, 300])
def test_the_axial_width_of_simulated_stacks_is_found(axial_um, photons):
    found = estimate_psf([stack(0, axial_um=axial_um, photons=photons)], **SIZES)
    assert found.psf.lateral_sigma_um == 0.15
    assert found.psf.axial_sigma_um == pytest.approx(axial_um, rel=0.05)
    assert 0 < found.error_um < 0.1 * axial_um


def test_several_stacks_tell_more():
    one, three = (
        estimate_psf([stack(n, axial_um=0.45, photons=5) for n in range(count)], **SIZES)
        for count in (1, 3)
    )
    assert three.error_um < one.error_um
    assert three.psf.axial_sigma_um == pytest.approx(0.45, rel=0.05)


def test_stacks_of_unlike_sides_tell_the_same_in_any_order():
    unlike = [stack(0, axial_um=0.9, planes=16), stack(1, axial_um=0.9, planes=60, side=96)]
    first, again = (estimate_psf(some, **SIZES) for some in (unlike, unlike[::-1]))
    assert first.psf.axial_sigma_um == pytest.approx(0.9, rel=0.05)
    assert again.psf.axial_sigma_um == pytest.approx(first.psf.axial_sigma_um, rel=1e-6)


def test_gain_offset_and_the_unit_of_length_do_not_matter():
    seen = stack(3, axial_um=0.45)
    first = estimate_psf([seen], **SIZES)
    again = estimate_psf([7 * seen - 300], **SIZES)
    assert again.psf.axial_sigma_um == pytest.approx(first.psf.axial_sigma_um, rel=1e-3)
    larger = {"pixel_size_um": 0.2, "spacing_um": 0.6, "lateral_sigma_um": 0.3, "name": "x"}
    twice = estimate_psf([seen], **larger)
    assert twice.psf.axial_sigma_um == pytest.approx(2 * first.psf.axial_sigma_um, rel=1e-3)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (np.random.default_rng(0).normal(100, 5, (28, 128, 128)), "too little beside their noise"),
        (stack(1, axial_um=0.45)[:15], "fewer than 16 planes"),
        (stack(1, axial_um=0.45)[:, :60, :60], "fewer than 64 x 64 pixels"),
        (stack(1, axial_um=0.2), "0.3 um apart, too far for a blur"),
    ],
)
def test_what_spectra_do_not_tell_is_one_sentence(seen, why):
    with pytest.raises(InputError, match=why) as raised:
        estimate_psf([seen], **SIZES)
    assert "of the stacks is along z cannot be told" in str(raised.value)


def test_the_width_of_a_folder_of_registered_stacks_is_found(tmp_path):
    pairs = []
    for number in range(2):
        name = f"stack-{number}"
        files_of = (f"{name}.tif", f"{name}.tif")
        pairs.append(Pair(name, "test", *files_of, None, None, name, "volume", None))
        write_image(
            tmp_path / f"low/{name}.tif",
            stack(number, axial_um=0.45),
            pixel_size_um=0.1,
            spacing_um=0.3 if number == 0 else None,
            axes="ZYX",
        )
    files.write_table(tmp_path / "pairs.tsv", [registered_row(pair) for pair in pairs])
    sizes = {"pixel_size_um": 0.1, "lateral_sigma_um": 0.15}
    found = estimated_psf(tmp_path, z_spacing_um=0.3, **sizes)
    assert found.psf.axial_sigma_um == pytest.approx(0.45, rel=0.05)
    with pytest.raises(InputError, match="have voxels of 2 sizes"):
        estimated_psf(tmp_path, z_spacing_um=0.4, **sizes)


def test_a_stack_that_is_as_sharp_along_z_as_across_has_no_missing_width():
    with pytest.raises(InputError, match=r"no less along z than within|too far for a blur"):
        estimate_psf([stack(2, axial_um=0.15)], **SIZES)
