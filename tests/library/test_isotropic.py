"""Stacks whose planes lie too far apart: geometry, widths, what is learned from, joining."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from denoisekit import filters
from denoisekit.errors import InputError
from denoisekit.evaluation import isotropy
from denoisekit.filters.richardson_lucy import deconvolved
from denoisekit.images import sparse as geometry
from denoisekit.images import voxels
from denoisekit.images.psf import measure_psf
from denoisekit.networks import Network
from denoisekit.noise.estimate import NoiseFit
from denoisekit.restoring import isotropic as restoring
from denoisekit.training import isotropic


def stack(seed=0, *, planes=12, side=96, step=4.0):
    """A noisy stack of smooth structure, seen through a PSF of 1.1 and 3.2 px."""
    rng = np.random.default_rng(seed)
    spots = rng.random((int((planes - 1) * step) + 1, side, side)) > 0.995
    dense = ndimage.gaussian_filter(spots.astype(float), 2.0)
    seen = ndimage.gaussian_filter1d(dense / dense.max(), 3.2, 0)[:: int(step)]
    counts = rng.poisson(40 * seen + 2).astype(np.float32) * 2 + 100
    at = geometry.isotropic_grid(planes, step)
    return geometry.Sparse(counts, step, at, lateral_px=1.1, axial_px=3.2, compared=False)


def recipe(**changed):
    settings = {"step": 4.0, "lateral_px": 1.0, "axial_px": 3.0, "noise": None}
    return isotropic.Recipe(**{**settings, "as_published": False, **changed})


def test_a_plane_lies_at_its_own_voxel_for_any_step():
    planes = np.random.default_rng(0).random((9, 3, 3)).astype(np.float32)
    for step in (4.0, 10.2, 1.1):
        grid = geometry.isotropic_grid(9, step)
        assert grid[-1] <= 8 * step < grid[-1] + 1
        for between in (geometry.linear, geometry.cubic):
            np.testing.assert_allclose(between(planes, np.arange(9.0)), planes, rtol=1e-6)
    np.testing.assert_array_equal(geometry.linear(planes, np.arange(33) / 4)[::4], planes)


def test_linear_interpolation_keeps_lines_and_the_spline_keeps_cubics():
    k, at = np.arange(8.0)[:, None, None], np.linspace(0, 7, 57)
    line, curve = 3 * k - 5, 0.1 * k**3 - k**2 + 2
    np.testing.assert_allclose(geometry.linear(line, at)[:, 0, 0], 3 * at - 5, atol=1e-5)
    expected = 0.1 * at**3 - at**2 + 2
    np.testing.assert_allclose(geometry.cubic(curve, at)[:, 0, 0], expected, atol=1e-5)
    assert np.abs(geometry.linear(curve, at)[:, 0, 0] - expected).max() > 0.1


def test_the_published_zoom_stretches_a_stack_and_the_own_grid_does_not():
    ramp = np.arange(35, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32)
    published = restoring.interpolated(ramp, 10.2, as_published=True)
    own = restoring.interpolated(ramp, 10.2, as_published=False)
    assert (len(published), len(own)) == (357, 347)
    np.testing.assert_allclose(np.diff(published[:, 0, 0]), 34 / 356, rtol=1e-4)
    np.testing.assert_allclose(np.diff(own[:, 0, 0]), 1 / 10.2, rtol=1e-4)
    stretched = (1 / 10.2) / (34 / 356) - 1
    assert stretched == pytest.approx(0.0265, abs=1e-4)


@pytest.mark.parametrize(
    ("spacing", "pixel", "told"),
    [
        (None, 0.1, "does not tell how far its planes lie apart, which is not guessed"),
        (0.4, None, "does not tell the size of its pixels, which is not guessed"),
        (0.05, 0.1, "lie 0.05 um apart and its pixels 0.1 um"),
    ],
)
def test_a_step_needs_both_sizes_and_planes_no_closer_than_pixels(spacing, pixel, told):
    with pytest.raises(InputError, match=told):
        voxels.step_of(spacing, pixel, name="The stack")
    assert voxels.step_of(0.4, 0.1, name="The stack") == pytest.approx(4)
    assert voxels.step_of(0.0999, 0.1, name="The stack") == 1


def test_noise_without_structure_is_told():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match=r"shows no structure: .* correlate by -?0\.0"):
        geometry.check_structure(rng.integers(0, 255, (40, 40, 40)), name="The stack")
    with pytest.raises(InputError, match="shows no structure"):
        geometry.check_structure(np.full((3, 32, 32), 7), name="The stack")
    geometry.check_structure(stack().planes, name="The stack")


def test_what_planes_lack_is_the_root_of_the_difference_of_squares():
    for lateral, axial, missing in ((1, 3, 2.828), (1, 2, 1.732), (1.5, 4, 3.708), (2, 5, 4.583)):
        assert recipe(lateral_px=lateral, axial_px=axial).missing_px == pytest.approx(
            missing, abs=1e-3
        )


def test_where_nothing_is_missing_but_planes_nothing_is_blurred():
    assert voxels.Psf(0.3, 0.3).missing_um == 0
    plain = recipe(axial_px=1.0)
    image = np.random.default_rng(0).random((3, 17))
    made = isotropic.degrade(image, plain, np.random.default_rng(0))
    np.testing.assert_allclose(made[:, ::4], image[:, ::4], rtol=1e-6)
    assert isotropic.noise_left(0) == 1
    kernel = isotropic.published_kernel(plain)
    assert kernel.sum(axis=0).max() == pytest.approx(1)
    stack = geometry.Sparse(image[:, None], 4.0, np.arange(3.0), 1.0, 1.0, compared=True)
    volume = np.random.default_rng(1).random((9, 4, 4))
    np.testing.assert_allclose(stack.read_off(volume), volume[:3], rtol=1e-6)


def test_a_blurred_line_has_the_variances_of_line_blur_and_interpolation_together():
    x = np.arange(241.0)
    line = np.exp(-0.5 * ((x - 120) / 3) ** 2)[None]
    seen = isotropic.degrade(line, recipe(), np.random.default_rng(0))[0]
    weights = seen / seen.sum()
    mean = np.sum(weights * x)
    # Linear interpolation over s px adds the variance of its triangle, (s^2 - 1) / 6.
    expected = 3**2 + (3**2 - 1**2) + (4**2 - 1) / 6
    assert mean == pytest.approx(120, abs=1e-4)
    assert np.sum(weights * (x - mean) ** 2) == pytest.approx(expected, rel=2e-3)


def test_the_published_kernel_is_too_narrow_along_and_blurs_across():
    kernel = isotropic.published_kernel(recipe())
    y, x = np.mgrid[-8:9, -8:9]
    assert kernel.sum() == pytest.approx(1)
    assert np.sqrt(np.sum(kernel * y**2)) == pytest.approx(1.0, abs=1e-3)
    assert np.sqrt(np.sum(kernel * x**2)) == pytest.approx(2.0, abs=1e-2)


def test_a_flat_plane_stays_flat_but_darkens_at_the_borders_as_published():
    flat = np.full((1, 61, 61), 1e6)
    own = isotropic.degrade(flat, recipe(), np.random.default_rng(0))
    np.testing.assert_allclose(own, 1e6, rtol=1e-6)
    published = isotropic.degrade(flat, recipe(as_published=True), np.random.default_rng(0)) / 1e6
    assert published[0, 30, 0] == pytest.approx(0.60, abs=0.01)
    assert published[0, 0, 0] == pytest.approx(0.42, abs=0.01)
    assert published[0, 30, 30] == pytest.approx(1.0, abs=0.01)


def test_planes_made_like_sections_are_as_noisy_as_the_stack():
    rng = np.random.default_rng(0)
    line = NoiseFit(gain=2.0, intercept=-150.0)
    level = 400.0
    plane = level + np.sqrt(2 * level - 150) * rng.standard_normal((1, 400, 401))
    made = isotropic.degrade(plane, recipe(noise=line), rng)[..., ::4]
    assert np.var(made) == pytest.approx(2 * level - 150, rel=0.03)
    without = isotropic.degrade(plane, recipe(), rng)[..., ::4]
    left = isotropic.noise_left(np.sqrt(8))
    assert np.var(without) == pytest.approx((2 * level - 150) * left, rel=0.05)
    assert left == pytest.approx(1 / (2 * np.sqrt(np.pi) * np.sqrt(8)), rel=0.01)


def test_patches_are_worse_along_their_last_axis_and_as_bright_as_the_stack():
    given = stack()
    found = isotropic.recipe_of(given, as_published=False, name="The stack")
    assert found.noise.gain == pytest.approx(2, rel=0.3)
    rng = np.random.default_rng(0)
    cut = isotropic.cut_patches(given, found, side=48, count=20, rng=rng, name="The stack")
    assert cut.low.shape == cut.high.shape == (20, 48, 48)
    along, across = (np.mean(np.diff(cut.low, axis=axis) ** 2) for axis in (2, 1))
    assert along < 0.5 * across
    # Of one pair of percentiles, the mean stays what it is.
    assert cut.low.mean() == pytest.approx(cut.high.mean(), abs=0.02)


def test_a_patch_must_be_larger_than_the_point_spread_function_and_the_step():
    with pytest.raises(InputError, match=r"wider than a patch: along z it blurs over 37 px"):
        voxels.check_patch(32, missing_px=5.9, step=4.0, name="The stack")
    with pytest.raises(InputError, match="holds fewer than three of them"):
        voxels.check_patch(32, missing_px=2.0, step=20.0, name="The stack")
    with pytest.raises(InputError, match="hold fewer than two of the planes that lie 50 px apart"):
        isotropic.degrade(np.ones((2, 32, 32)), recipe(step=50.0), np.random.default_rng(0))


class Identity(Network):
    """A network that gives back what it sees."""

    stride, reach = 1, 0

    def forward(self, image):
        """Return the image."""
        return image


def restored(given, **options):
    settings = {"percentiles": (2, 99.8), "tile": 64, "precision": "full", "device": "cpu"}
    settings |= {"name": "The stack", "combine": "arithmetic", "as_published": False}
    return restoring.restore_isotropic(Identity(), given, **{**settings, **options})


def test_a_network_that_changes_nothing_gives_the_linear_interpolation():
    given = stack(planes=6, side=48)
    found = restored(given)
    expected = geometry.linear(given.planes, given.at / given.step)
    np.testing.assert_allclose(found.mean, expected, rtol=1e-5)
    np.testing.assert_array_equal(found.disagreement, 0)
    half = found.read_off(replace(given, at=np.array([0.5])))
    np.testing.assert_allclose(half.mean[0], expected[:2].mean(axis=0), rtol=1e-5)


def test_what_was_sharpened_is_blurred_again_to_be_compared_with_blurred_planes():
    given = stack(planes=6, side=48)
    z = given.at[:, None, None]
    sharp = np.exp(-0.5 * ((z - 10) / 1.1) ** 2) * np.ones((1, 4, 4))
    blurred = np.exp(-0.5 * ((z - 10) / 3.2) ** 2) * 1.1 / 3.2
    np.testing.assert_array_equal(given.read_off(sharp), sharp.astype(np.float32))
    seen = replace(given, compared=True).read_off(sharp)
    np.testing.assert_allclose(seen[2:-3], np.broadcast_to(blurred, seen.shape)[2:-3], atol=2e-3)


def test_the_geometric_mean_erases_faint_structure_and_the_arithmetic_one_does_not():
    rng = np.random.default_rng(0)
    pairs = 0.1 * rng.standard_normal((2, 400_000))
    for truth, mean, zeros in ((0, 0.017, 0.75), (0.05, 0.042, 0.52), (1, 0.997, 0)):
        both = truth + pairs
        joined = restoring._geometric(*both)
        assert joined.mean() == pytest.approx(mean, abs=1e-3)
        assert np.mean(joined == 0) == pytest.approx(zeros, abs=5e-3)
        assert restoring._arithmetic(*both).mean() == pytest.approx(truth, abs=1e-3)


def test_richardson_lucy_keeps_flux_and_sign_and_never_lowers_the_likelihood():
    rng = np.random.default_rng(0)
    image = rng.poisson(5 * rng.random((24, 20, 20))).astype(float)
    sigma, last = (2.0, 0, 0), -np.inf
    for iterations in (1, 2, 10, 50):
        found = deconvolved(image, sigma=sigma, iterations=iterations)
        assert found.sum() == pytest.approx(image.sum(), rel=1e-9)
        assert found.min() >= 0
        seen = ndimage.gaussian_filter(found, sigma, mode="reflect")
        likelihood = np.sum(image * np.log(np.maximum(seen, 1e-300)) - seen)
        assert likelihood > last
        last = likelihood


def test_richardson_lucy_stays_where_the_blurred_truth_is_the_image():
    truth = np.zeros((32, 32))
    truth[11, 20] = 300
    image = ndimage.gaussian_filter(truth, 2, mode="reflect")
    found = deconvolved(image, sigma=(2, 2), iterations=5, start=truth)
    np.testing.assert_allclose(found, truth, atol=1e-9)


def test_richardson_lucy_gives_the_values_that_were_computed_for_two_points():
    truth = np.ones((64, 64))
    truth[20, 20], truth[40, 44] = 100, 300
    image = ndimage.gaussian_filter(truth, 2, mode="reflect")
    for iterations, value in ((1, 6.968), (2, 11.414), (10, 28.988), (50, 58.429)):
        found = deconvolved(image, sigma=(2, 2), iterations=iterations)
        assert found[40, 44] == pytest.approx(value, rel=2e-2)


def test_the_filters_of_sparse_stacks_restore_them_where_asked():
    given = stack(planes=6, side=40)
    image = geometry.linear(given.planes, given.at / given.step)
    spline = filters.get("cubic")(image, sparse=given).pixels
    np.testing.assert_allclose(spline[::4], given.planes, rtol=1e-6)
    none = filters.get("richardson-lucy")(image, sparse=given, iterations=0).pixels
    assert np.ptp(none) < 1e-3 * none.mean()
    sharp = filters.get("richardson-lucy")(image, sparse=given, iterations=8).pixels
    assert np.var(np.diff(sharp, axis=0)) > np.var(np.diff(image, axis=0))
    for name, options in (("cubic", {}), ("richardson-lucy", {"iterations": 2})):
        with pytest.raises(InputError, match="take another filter"):
            filters.get(name)(image, **options)


def test_axial_power_of_a_blurred_volume_is_what_the_gaussian_leaves():
    rng = np.random.default_rng(0)
    powers = [
        isotropy.axial_and_lateral(
            ndimage.gaussian_filter1d(rng.standard_normal((64, 64, 64)), 1.5, 0, mode="wrap")
        )
        for _ in range(12)
    ]
    axial, lateral = np.mean(powers, axis=0)
    frequencies = np.fft.rfftfreq(64)
    for number, (low, high) in enumerate(isotropy.BANDS[:3]):
        f = frequencies[(frequencies >= low) & (frequencies < high)]
        expected = np.exp(-4 * np.pi**2 * f**2 * 1.5**2).mean()
        assert axial[number] / lateral[number] == pytest.approx(expected, rel=0.25)
    assert np.isnan(isotropy.power_by_band(np.zeros((4, 64, 64)), axis=0)).all()


def test_a_point_spread_function_is_measured_as_wide_as_it_is():
    z, y, x = np.mgrid[:25, :41, :41]
    bead = 90 * np.exp(
        -0.5 * (((z - 11.7) / 3) ** 2 + ((y - 20.2) / 2) ** 2 + ((x - 19.6) / 2) ** 2)
    )
    noisy = 10 + bead + np.random.default_rng(0).standard_normal(bead.shape)
    found = measure_psf(noisy, pixel_size_um=0.1, spacing_um=0.2, name="psf.tif")
    assert found.axial_sigma_um == pytest.approx(0.6, rel=0.02)
    assert found.lateral_sigma_um == pytest.approx(0.2, rel=0.02)
    with pytest.raises(InputError, match=r"psf\.tif does not tell the size of its voxels"):
        measure_psf(noisy, pixel_size_um=0.1, spacing_um=None, name="psf.tif")
    with pytest.raises(InputError, match=r"is narrower than the 0\.3 um within planes"):
        voxels.Psf(0.3, 0.2)
