"""The macro for ImageJ and Fiji, run by ImageJ on a display that nobody sees."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from commands import call

MACRO = Path(__file__).resolve().parents[2] / "docs/denoise.ijm"
IMAGEJ = Path("/usr/share/java/ij.jar")

pytestmark = pytest.mark.skipif(
    not (IMAGEJ.exists() and shutil.which("xvfb-run") and shutil.which("java")),
    reason="needs ImageJ and Xvfb (Debian's imagej and xvfb)",
)


def run_macro(folder, text):
    """Run a macro by ImageJ, with the command on the path, and return what it printed."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    command = tools / "denoisekit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m denoisekit "$@"\n')
    command.chmod(0o755)
    macro = folder / "test.ijm"
    macro.write_text(text, encoding="utf-8")
    words = ["xvfb-run", "-a", "java", f"-Djava.io.tmpdir={folder}", f"-Duser.home={folder}"]
    done = subprocess.run(
        [*words, "-jar", str(IMAGEJ), "-ijpath", str(folder), "-batch", str(macro)],
        cwd=folder,
        env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def test_the_macro_restores_the_open_image_as_it_is_and_a_folder(tmp_path):
    images = tmp_path / "my images"
    images.mkdir()
    pixels = np.random.default_rng(0).poisson(50, (48, 40)).astype(np.uint16)
    tifffile.imwrite(images / "cell one.tif", pixels, imagej=True)
    (images / "notes.txt").write_text("of Monday")
    said = run_macro(
        tmp_path,
        f"""open("{images}/cell one.tif"); run("Add...", "value=7");
        runMacro("{MACRO}", "pretrained|open");
        print("title: " + getTitle() + ", " + nImages + ", " + bitDepth());
        saveAs("Tiff", "{tmp_path}/of-open.tif");
        runMacro("{MACRO}", "pretrained|{images}");
        runMacro("{MACRO}", "{tmp_path}/no network|{tmp_path}");""",
    )
    assert "title: cell one.tif, 2, 32" in said
    assert "Not restored: notes.txt" in said
    assert "Not restored: cell one.tif" not in said
    assert f"1 in {images}/denoised" in said
    assert "Nothing was restored. A terminal says why: denoisekit denoise" in said
    # The open image was brighter than its file.
    for name, change, made in (
        ("open", 7, tmp_path / "of-open.tif"),
        ("file", 0, images / "denoised/cell one.tif"),
    ):
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, pixels + np.uint16(change), imagej=True)
        call("denoise", path, "--filter", "pretrained", "--output", tmp_path / "expected")
        expected = tifffile.imread(tmp_path / f"expected/{name}.tif")
        np.testing.assert_allclose(tifffile.imread(made), expected, rtol=1e-5)
