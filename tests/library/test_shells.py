"""Fourier shell correlation by sector, beside closed forms."""

import numpy as np
import pytest
from scipy import fft, ndimage

from denoisekit.errors import InputError
from denoisekit.evaluation import shells

SIZES = {"spacing_um": 0.3, "pixel_size_um": 0.1}
SHAPE = (40, 96, 96)


def white(seed, shape=SHAPE):
    return np.random.default_rng(seed).normal(0, 1, shape)


def blurred(volume, axial_um, lateral_um, *, spacing_um=0.3, pixel_size_um=0.1):
    sigma = (axial_um / spacing_um, lateral_um / pixel_size_um, lateral_um / pixel_size_um)
    return ndimage.fourier_gaussian(fft.fftn(volume), sigma)


def blurred_pixels(volume, *widths, **sizes):
    return fft.ifftn(blurred(volume, *widths, **sizes)).real


def found(truth, image, **sizes):
    return shells.resolutions(shells.by_sector(truth, image, **{**SIZES, **sizes}))


def closed_form(axial_um, lateral_um, noise, *, about, threshold=0.5):
    """Return where the correlation of a blurred volume with white noise falls to a threshold.

    White noise has the same power at all frequencies, so that on a shell it is the mean of the
    transfer function h over the root of the mean of h^2 + noise^2, weighed by solid angle.
    """
    angles = np.linspace(0, np.pi / 6, 200) if about else np.linspace(np.pi * 4 / 9, np.pi / 2, 200)
    weight = np.sin(angles)
    for frequency in np.linspace(0.02, 5, 4000):
        along, across = frequency * np.cos(angles), frequency * np.sin(angles)
        h = np.exp(-2 * np.pi**2 * ((along * axial_um) ** 2 + (across * lateral_um) ** 2))
        mean, power = (np.average(part, weights=weight) for part in (h, h**2 + noise**2))
        if mean / np.sqrt(power) < threshold:
            return 1 / frequency
    raise AssertionError("no crossing")


@pytest.mark.parametrize(("axial", "lateral"), [(0.4, 0.15), (0.3, 0.1), (0.25, 0.25)])
def test_resolutions_of_blurred_noise_have_their_closed_forms(axial, lateral):
    truth = white(0)
    image = blurred_pixels(truth, axial, lateral) + 0.2 * white(1)
    values = found(truth, image)
    for name, about in shells.SECTORS.items():
        wanted = closed_form(axial, lateral, 0.2, about=about)
        assert values[f"resolution_{name}_1_2_um"] == pytest.approx(wanted, rel=0.06)


def test_what_is_isotropic_in_um_resolves_alike_along_all_axes():
    truth = white(2)
    values = found(truth, blurred_pixels(truth, 0.3, 0.3) + 0.1 * white(3))
    for threshold in ("1_2", "1_7"):
        along, across = (values[f"resolution_{name}_{threshold}_um"] for name in shells.SECTORS)
        assert along == pytest.approx(across, rel=0.06)
    # Taken for cubes, its voxels make a volume that is finer along z.
    cubes = found(truth, blurred_pixels(truth, 0.3, 0.3) + 0.1 * white(3), spacing_um=0.1)
    assert cubes["resolution_axial_1_2_um"] < 0.5 * cubes["resolution_lateral_1_2_um"]


def test_a_blur_along_z_is_no_blur_across():
    truth = white(4)
    before, after = (
        found(truth, blurred_pixels(truth, width, 0.15) + 0.2 * white(5)) for width in (0.15, 0.6)
    )
    assert after["resolution_axial_1_2_um"] > 1.8 * before["resolution_axial_1_2_um"]
    across = [one["resolution_lateral_1_2_um"] for one in (before, after)]
    assert across[1] < 1.1 * across[0]


def test_a_volume_that_is_the_truth_resolves_two_voxels_and_noise_the_coarsest_shell():
    truth = white(6)
    same = found(truth, 7 * truth - 90)
    assert same["resolution_axial_1_7_um"] == pytest.approx(0.6)
    assert same["resolution_lateral_1_7_um"] == pytest.approx(0.2)
    noise = found(truth, white(7))
    assert noise["resolution_axial_1_2_um"] == pytest.approx(40 * 0.3)
    assert noise["resolution_lateral_1_2_um"] == pytest.approx(96 * 0.1)
    flat = found(truth, np.ones(SHAPE))
    assert flat["resolution_axial_1_2_um"] == pytest.approx(40 * 0.3)


def test_correlation_counts_every_frequency_once():
    """The half transform tells what the whole one does."""
    truth, image = white(8, (18, 17, 20)), white(9, (18, 17, 20))
    image = image + 0.5 * truth
    sector = shells.by_sector(truth, image, **SIZES)["lateral"]
    windows = np.ix_(*[np.hanning(side + 2)[1:-1] for side in truth.shape])
    window = windows[0] * windows[1] * windows[2]
    parts = [fft.fftn((one - np.average(one, weights=window)) * window) for one in (truth, image)]
    z, y, x = np.meshgrid(
        *[np.fft.fftfreq(n, s) for n, s in zip(truth.shape, (0.3, 0.1, 0.1), strict=True)],
        indexing="ij",
    )
    size, across = np.sqrt(z**2 + y**2 + x**2), np.hypot(y, x)
    shell = np.rint(size * 8 / 5).astype(int) - 1
    chosen = (np.abs(z) <= np.tan(np.pi / 18) * across) & (size <= 5)
    for number in range(8):
        here = chosen & (shell == number)
        own, other = (part[here] for part in parts)
        power = np.sum(np.abs(own) ** 2) * np.sum(np.abs(other) ** 2)
        wanted = np.sum(own * other.conj()).real / np.sqrt(power)
        assert sector.correlation[number] == pytest.approx(wanted, abs=2e-4)


def test_few_planes_tell_no_resolution_along_z():
    truth = white(10, (14, 40, 40))
    values = found(truth, truth)
    assert np.isnan(values["resolution_axial_1_2_um"])
    assert values["resolution_lateral_1_2_um"] == pytest.approx(0.2)


def test_curves_of_volumes_of_several_sizes_are_averaged():
    both = [white(11), white(12, (20, 48, 48))]
    curves = shells.mean_curves([shells.by_sector(one, one, **SIZES) for one in both])
    assert sorted(curves) == ["shells_axial", "shells_lateral"]
    assert curves["shells_axial"].images == 2
    assert curves["shells_axial"].places[-1] == pytest.approx(1 / 0.6)
    np.testing.assert_allclose(curves["shells_lateral"].values, 1, atol=1e-5)
    assert shells.mean_curves([]) == {}


def test_what_is_no_pair_of_volumes_is_refused():
    volume = white(13, (16, 20, 20))
    with pytest.raises(InputError, match="must have the same shape"):
        shells.by_sector(volume, volume[:, :, 1:], **SIZES)
    with pytest.raises(InputError, match="Fourier shells are of volumes"):
        shells.by_sector(volume[0], volume[0], **SIZES)
    with pytest.raises(InputError, match="The spacing of planes in um"):
        shells.by_sector(volume, volume, spacing_um=0, pixel_size_um=0.1)
