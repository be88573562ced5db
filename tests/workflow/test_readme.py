"""What the README shows works as shown."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from calls import call
from commands import PN2V, make_model, noisy

from denoisekit.images.image import write_image
from denoisekit.images.normalization import Normalizer
from denoisekit.images.reading import open_stack, read_image
from denoisekit.noise import fitting, models

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def python(page):
    """Return the examples in Python of a page."""
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def test_the_library_example_runs_and_improves_the_image(capsys):
    example, _ = python(README)
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    conventions, low = names["conventions"], names["low"]
    before = conventions.score(names["truth"], low, low=low, convention="care")["psnr"]
    after = conventions.score(names["truth"], names["restored"], low=low, convention="care")["psnr"]
    assert after > before + 1
    assert f"{after}"[:6] in capsys.readouterr().out


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder in which the networks and the images of the examples lie."""
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1, 2):
        model = f"results/quickstart/models/actin/laplace/seed{seed}"
        make_model(tmp_path / model, probabilistic=True, seed=seed)
    model = "results/fmd-sample/models/confocal-mice/pn2v/seed0"
    make_model(tmp_path / model, PN2V, normalizer=Normalizer(40, 60))
    signal = np.random.default_rng(0).uniform(20, 80, 5000)
    values = {"values": (0, 200), "step": 1, "origin": "pairs"}
    model = fitting.fit_mixture(signal, np.random.default_rng(1).poisson(signal), **values)
    folder = tmp_path / "results/fmd-sample/noise_models/confocal-mice"
    folder.mkdir(parents=True)
    models.save_noise_model(folder / "bootstrapped.seed0.npz", model)
    write_image("cell.tif", noisy(40, 50), pixel_size_um=0.1)
    write_image("movie.tif", noisy(3, 40, 50), pixel_size_um=None, axes="TYX")
    return tmp_path


def test_the_example_with_a_trained_network_runs(results):
    names = {}
    exec(compile(python(README)[1], "README.md", "exec"), names)
    assert names["restored"].shape == (40, 50)


def test_the_page_on_python_runs_from_top_to_bottom(results, capsys):
    page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    names = {}
    exec(compile("\n".join(python(page)), "python.md", "exec"), names)
    image = read_image("restored.tif")
    np.testing.assert_array_equal(image.pixels, names["restored"])
    assert image.pixel_size_um == pytest.approx(0.1, rel=1e-6)
    assert open_stack("restored-movie.tif").planes == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "cells mae planes"
    assert said[-1].startswith("The image is 50, but the network restores planes, (Y, X); give one")


def test_the_method_that_the_tutorial_adds_is_trained_for_two_experiments(tmp_path):
    tutorial = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    (added,) = re.findall(r"```yaml\n(.*?)```", tutorial, re.DOTALL)
    study = (ROOT / "config/quickstart.yaml").read_text(encoding="utf-8")
    assert study.count("  bandpass:\n") == 1
    (tmp_path / "study.yaml").write_text(study.replace("  bandpass:\n", f"{added}  bandpass:\n"))
    words = ["--snakefile", ROOT / "Snakefile", "--configfile", "study.yaml", "--dry-run"]
    said = call([sys.executable, "-m", "snakemake", *map(str, words)], folder=tmp_path)
    trained = re.findall(r"models/(\S+)/mse/seed0/last.safetensors", said)
    assert set(trained) == {"actin", "mitochondria"}


def test_every_file_and_command_it_names_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\S+)$", README, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for link in re.findall(r"\]\(([^)h][^)]*)\)", README):
        assert (ROOT / link.partition("#")[0]).is_file(), link
    for file in re.findall(r"--configfile (\S+\.yaml)", README):
        assert (ROOT / file).is_file(), file


def test_every_study_is_listed():
    (table,) = re.findall(r"^\| study \|.*?\n\n", README, re.MULTILINE | re.DOTALL)
    listed = re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\|[^|]*", table, re.MULTILINE)))
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "config").glob("*.yaml"))


def test_every_key_of_a_study_is_explained():
    import yaml

    schema = yaml.safe_load((ROOT / "config/schemas/study.schema.yaml").read_text(encoding="utf-8"))
    explained = (ROOT / "config/README.md").read_text(encoding="utf-8")
    for key, part in schema["properties"].items():
        assert f"`{key}" in explained, key
        if part.get("additionalProperties") is False:
            for inner in part["properties"]:
                assert f"`{key}.{inner}`" in explained or f"`.{inner}`" in explained, (key, inner)
