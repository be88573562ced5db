"""Objects and a sheet in real volumes, held against labels and another program."""

import numpy as np
import pytest

from denoisekit.evaluation.objects import measure
from denoisekit.evaluation.segmentation import segment
from denoisekit.images.reading import read_image, read_volume
from denoisekit.images.surface import find_surface, project_along

NUCLEI = {"threshold": 1.0, "apart_um": 0.8, "smallest_um": 1.0}


@pytest.fixture
def volumes(sample_data):
    folder = sample_data / "volumes"
    if not folder.is_dir():
        pytest.skip("the sample has no volumes")
    return folder


# Otsu and watershed elsewhere gave .546 and .429 at best, of 54 and of 32 nuclei.
@pytest.mark.parametrize(("name", "count", "seg"), [("1135", 54, 0.53), ("1136", 32, 0.42)])
def test_nuclei_of_ovules_are_found_as_well_as_by_other_pipelines(volumes, name, count, seg):
    raw, labels = (
        read_volume(volumes / f"plantseg/{name}_mini_{kind}.tif") for kind in ("raw", "label")
    )
    voxel = raw.spacing_um, raw.pixel_size_um, raw.pixel_size_um
    assert np.allclose(voxel, (0.284, 0.127, 0.127), atol=0.002)
    assert len(np.unique(labels.pixels)) - 1 == count
    found = {
        sigma: segment(
            raw.pixels, how="nuclei", settings={**NUCLEI, "smoothing_um": sigma}, voxel_um=voxel
        )
        for sigma in (0.05, 0.26)
    }
    values = {sigma: measure(labels.pixels, objects) for sigma, objects in found.items()}
    assert values[0.26]["seg"] == pytest.approx(seg, abs=0.03)
    # Of the noise itself many more are made.
    assert values[0.05]["found"] > 1.5 * values[0.26]["found"]
    assert values[0.05]["seg"] < values[0.26]["seg"]


def test_cells_of_an_epithelium_are_found_between_its_membranes(volumes):
    image, labels = (
        read_image(volumes / f"epitools/test_image-projected{kind}.tif").pixels
        for kind in ("", "-segmented")
    )
    settings = {"smoothing_um": 1.5, "depth": 0.02, "smallest_um": 5}
    found = segment(image, how="membranes", settings=settings, voxel_um=(1, 1))
    values = measure(labels, found)
    # Another seeded watershed gave .903 there.
    assert values["seg"] == pytest.approx(0.92, abs=0.02)
    assert values["f1_50"] > 0.95


def test_the_sheet_of_an_epithelium_is_projected_as_by_another_program(volumes):
    stack = read_volume(volumes / "epitools/test_image.tif").pixels
    theirs = read_image(volumes / "epitools/test_image-projected.tif").pixels
    surface = find_surface(stack, smoothing_px=(1, 2, 2), surface_px=10, reach_planes=4)
    ours = project_along(stack, surface.height, half_planes=1)
    alike = [
        np.corrcoef(image.ravel(), theirs.ravel())[0, 1]
        for image in (ours, stack.max(axis=0), stack.mean(axis=0))
    ]
    # The maximum .991, the mean .946.
    assert alike[0] > 0.995
    assert alike[0] > alike[1] > alike[2]
    assert 12 < surface.height.min() < surface.height.max() < 27.5
