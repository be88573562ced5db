"""Restored images in the layout of the AI4Life denoising challenges."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from commands import call, make_model, noisy

INPUTS = Path("input/images/image-stack-structured-noise")
RESULTS = Path("output/images/image-stack-denoised")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with images of the shapes that the challenges give, and what denoise makes of them.

    That is samples and channels, one of each, and a stack.
    """
    monkeypatch.chdir(tmp_path)
    make_model(tmp_path / "model")
    INPUTS.mkdir(parents=True)
    for name, shape in (("a", (2, 5, 32, 32)), ("b", (1, 1, 32, 40)), ("c", (6, 32, 32))):
        tifffile.imwrite(INPUTS / f"{name}.tif", noisy(*shape))
    call("denoise", INPUTS, "--model", "model", "--output", "restored")
    return tmp_path


def test_restored_images_lie_where_the_challenge_looks_in_the_shape_it_gave(here):
    call("submission", "restored", "--inputs", INPUTS)
    assert sorted(path.name for path in RESULTS.iterdir()) == ["a.tif", "b.tif", "c.tif"]
    for path in RESULTS.iterdir():
        restored = tifffile.imread(here / "restored" / path.name)
        with tifffile.TiffFile(path) as file:
            found = file.asarray()
            assert file.pages[0].tags["ResolutionUnit"].value == 2
            assert not file.is_imagej
        assert found.shape == tifffile.imread(INPUTS / path.name).shape
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found.reshape(restored.shape), restored)


def test_nothing_is_replaced_unasked(here):
    call("submission", "restored", "--inputs", INPUTS)
    _, mistake = call("submission", "restored", "--inputs", INPUTS, code=1)
    assert "c.tif there already" in mistake
    call("submission", "restored", "--inputs", INPUTS, "--overwrite")


def test_what_is_missing_or_of_another_shape_is_named(here):
    tifffile.imwrite(here / "restored/c.tif", noisy(5, 32, 32))
    _, mistake = call("submission", "restored", "--inputs", INPUTS, code=1)
    assert "c.tif has 5 x 32 x 32 pixels, but " in mistake
    assert "c.tif has 6 x 32 x 32;" in mistake
    assert not RESULTS.exists()
    (here / "restored/b.tif").unlink()
    _, mistake = call("submission", "restored", "--inputs", INPUTS, code=1)
    assert "Not every image of" in mistake
    assert "restored/b.tif missing" in mistake
    _, mistake = call("submission", "restored", "--inputs", "model", code=1)
    assert "model holds no TIFF" in mistake
