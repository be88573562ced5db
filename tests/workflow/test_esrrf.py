"""The command that runs eSRRF, with a stand-in for NanoPyx that moves images as it does."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy import ndimage

SCRIPT = Path(__file__).resolve().parents[2] / "workflow/peers/restore_esrrf.py"
STAND_IN = """
import numpy as np

def eSRRF(image, magnification, radius, sensitivity, _force_run_type):
    image = image[0].copy()
    image[:3] = image[:, -3:] = 0
    finer = image.repeat(magnification, axis=0).repeat(magnification, axis=1)
    return np.roll(finer, (2, 1), axis=(0, 1))
"""


@pytest.mark.parametrize("magnification", [1, 5])
def test_the_result_lies_where_the_image_does(tmp_path, magnification):
    (tmp_path / "nanopyx.py").write_text(STAND_IN, encoding="utf-8")
    image = np.zeros((40, 48), np.uint16)
    image[12:15, 30] = (100, 300, 200)
    image[0, 10] = 50
    tifffile.imwrite(tmp_path / "in.tif", image)
    command = [sys.executable, str(SCRIPT), "in.tif", "out.tif"]
    subprocess.run(
        [*command, "--magnification", str(magnification)],
        cwd=tmp_path,
        check=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path / "home")},
    )
    found = tifffile.imread(tmp_path / "out.tif")
    assert found.shape == image.shape
    assert found.dtype == np.float32
    assert found[:3].sum() > 0
    middle = (slice(6, 22), slice(20, 40))
    assert found[middle].sum() == pytest.approx(image[middle].sum(), rel=1e-6)
    places = [ndimage.center_of_mass(pixels[middle].astype(float)) for pixels in (found, image)]
    assert places[0] == pytest.approx(places[1], abs=1e-5)
    assert not (tmp_path / "home").exists()
