import gc
import io
import json
import zipfile
from importlib import metadata
from pathlib import Path

import numpy as np
import places
import pytest
import tifffile
import torch
import yaml
from commands import PN2V, UNET, call, make_model, noisy
from test_surface import STACK

from denoisekit import files, networks
from denoisekit.computing import number_type
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring import bioimageio, inference, model_folder, torchscript, weights
from denoisekit.restoring.channels import JointRestorer
from denoisekit.restoring.model import Model
from denoisekit.restoring.projection import restore_projection
from denoisekit.restoring.restored import of_members

# TorchScript, which other programs read, is no longer developed.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    # bioimageio.spec leaves it to Python to close the files that it reads.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NAFNET = {"architecture": "nafnet", "depth": 1, "blocks": 1, "first_filters": 2, "window": 12}
DNCNN = {"architecture": "dncnn", "layers": 3, "filters": 2}
N2V2 = {**UNET, "architecture": "n2v-unet", "depth": 2, "blur_pool": True, "top_skip": False}
FIXED = Normalizer(30.0, 90.0)
TOLD = ["--author", "A. Name; An Institute", "--license", "CC-BY-4.0", "--trained-on", "Cells."]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def zoo():
    """The package that runs models of bioimage.io, or a skip that says why not."""
    core = pytest.importorskip("bioimageio.core", reason="bioimageio.core is not installed")
    pydantic = tuple(map(int, metadata.version("pydantic").split(".")[:2]))
    if metadata.version("bioimageio.spec") == "0.5.12.0" and pydantic >= (2, 14):
        pytest.skip("bioimageio.spec 0.5.12 needs a pydantic before 2.14")
    yield core
    gc.collect()


def restore(network, pixels, *, normalizer=None):
    return inference.restore(
        network,
        pixels,
        percentiles=(2, 99.8),
        normalizer=normalizer,
        tile=512,
        precision="full",
        device="cpu",
        name="x",
    )


def portable_network(*members, **options):
    options = {"channels": 1, **options}
    content = torchscript.torchscript(members, percentiles=(2, 99.8), **options)
    loaded = torch.jit.load(io.BytesIO(content))
    return lambda images: loaded(torch.from_numpy(images.astype(np.float32))).numpy()


@pytest.mark.parametrize(
    ("settings", "shape", "normalizer"),
    [
        (UNET, (41, 50), None),
        (UNET, (5, 18, 23), FIXED),
        (DNCNN, (41, 50), None),
        (NAFNET, (41, 50), None),
        (NAFNET, (5, 18, 23), FIXED),
        (N2V2, (41, 50), FIXED),
        (N2V2, (5, 18, 23), None),
        ({**PN2V, "outputs": 1}, (41, 50), FIXED),
    ],
)
def test_a_portable_network_restores_images_of_any_size_in_their_units(settings, shape, normalizer):
    torch.manual_seed(0)
    network = networks.build(settings, dims=len(shape), probabilistic=False)
    images = noisy(2, *shape) * np.uint16(3)
    restored = portable_network(network, normalizer=normalizer)(images[:, None])
    for found, image in zip(restored, images, strict=True):
        wanted = restore(network, image, normalizer=normalizer).mean
        rounding = 2e-6 * max(np.ptp(image), np.ptp(wanted))
        np.testing.assert_allclose(found[0], wanted, rtol=0, atol=rounding)


@pytest.mark.parametrize("normalizer", [None, FIXED])
def test_a_portable_networks_second_channel_is_its_scale(normalizer):
    network = networks.build(UNET, dims=2, probabilistic=True)
    image = noisy(40, 50)
    mean, scale = portable_network(network, normalizer=normalizer)(image[None, None])[0]
    wanted = restore(network, image, normalizer=normalizer)
    np.testing.assert_allclose(mean, wanted.mean, rtol=1e-5)
    np.testing.assert_allclose(scale, wanted.scale, rtol=1e-5)


@pytest.mark.parametrize(("probabilistic", "beside"), [(True, "scale"), (False, "spread")])
def test_a_portable_ensemble_restores_the_mean_and_what_its_members_differ_by(
    probabilistic, beside
):
    torch.manual_seed(0)
    members = [networks.build(UNET, dims=2, probabilistic=probabilistic) for _ in range(3)]
    image = noisy(41, 50)
    found = portable_network(*members, normalizer=FIXED)(image[None, None])[0]
    parts = [restore(network, image, normalizer=FIXED) for network in members]
    wanted = of_members(parts, outside=np.zeros(image.shape, bool))
    np.testing.assert_allclose(found[0], wanted.mean, rtol=1e-5)
    np.testing.assert_allclose(found[1], getattr(wanted, beside), rtol=1e-3)


def test_a_portable_network_keeps_an_image_without_signal_finite():
    run = portable_network(networks.build(UNET, dims=2, probabilistic=False), normalizer=None)
    image = np.full((1, 1, 64, 64), 100)
    image[0, 0, 0, 0] = 60_000
    assert np.isfinite(run(image)).all()


def test_whom_to_cite_is_known_of_every_architecture():
    assert sorted(bioimageio.CITED) == networks.names()


def export(here, *words, shape=(80, 100), code=0, **options):
    """Export a model of a folder, and return the network and the image it was tested with."""
    network, image = make_model(here / "model", **options), noisy(*shape)
    axes = "ZYX"[-len(shape) :]
    write_image(here / "a.tif", image, pixel_size_um=None, axes=axes)
    arguments = ("export", "model", "a.zip", "--image", "a.tif", *TOLD, *words)
    return network, image, call(*arguments, code=code)


@pytest.mark.parametrize(
    ("shape", "normalizer", "probabilistic"),
    [((80, 101), None, False), ((90, 81), FIXED, True), ((6, 64, 66), None, False)],
)
def test_a_package_restores_what_its_folder_does(here, zoo, shape, normalizer, probabilistic):
    export(here, shape=shape, dims=len(shape), normalizer=normalizer, probabilistic=probabilistic)
    call("denoise", "a.tif", "--model", "model", "--output", "folder")
    call("denoise", "a.tif", "--model", "a.zip", "--output", "package")
    wanted, again = (tifffile.imread(here / name / "a.tif") for name in ("folder", "package"))
    np.testing.assert_array_equal(again, wanted)
    image = tifffile.imread(here / "a.tif").astype(np.float32)[None, None]
    dims = ("batch", "channel", *"zyx"[-len(shape) :])
    sample = zoo.predict(model=here / "a.zip", inputs=zoo.Tensor(image, dims=dims))
    [found] = (np.asarray(tensor.data) for tensor in sample.members.values())
    assert found.shape == (1, 1 + probabilistic, *shape)
    # The command computes in 16 bits where the machine has instructions for it.
    rounded = number_type("mixed", device="cpu", training=False) != "float32"
    tolerance = (3e-3 if rounded else 1e-5) * np.ptp(wanted)
    np.testing.assert_allclose(found[0, 0], wanted, rtol=0, atol=tolerance)


def test_a_package_tells_what_it_is(here, zoo):
    words = ["--name", "Cells by MAE", "--cite", "Doe 2026, doi 10.1000/x.1.", "--tag", "actin"]
    export(here, *words, "--percentiles", 1, 99, shape=(300, 280))
    with zipfile.ZipFile(here / "a.zip") as package:
        told = yaml.safe_load(package.read("rdf.yaml"))
        document = package.read("README.md").decode()
        image = np.load(io.BytesIO(package.read("test-input.npy")))
        assert package.read("cover.png").startswith(b"\x89PNG")
    assert (told["name"], told["license"]) == ("Cells by MAE", "CC-BY-4.0")
    assert told["authors"] == [{"name": "A. Name", "affiliation": "An Institute"}]
    assert [each["doi"] for each in told["cite"]] == ["10.1038/s41592-018-0216-7", "10.1000/x.1"]
    assert told["tags"] == ["denoising", "denoisekit", "2d", "unet", "actin"]
    assert image.shape == (1, 1, 256, 256)
    original = tifffile.imread(here / "a.tif")
    np.testing.assert_array_equal(image[0, 0], original[22:278, 12:268])
    assert "The percentiles 1 and 99 of each image become 0 and 1" in document
    assert "| Train set | cells |" in document
    assert "## Training data\n\nCells." in document
    call("denoise", "a.tif", "--model", "a.zip", "--output", "1")
    call("denoise", "a.tif", "--model", "model", "--output", "2", "--percentiles", 1, 99)
    one, two = (tifffile.imread(here / folder / "a.tif") for folder in "12")
    np.testing.assert_array_equal(one, two)
    _, mistake = call("denoise", "a.tif", "--model", "a.zip", "--weights", "best", code=1)
    assert "a.zip/best.safetensors does not exist" in mistake
    # TorchScript's notes for debuggers name the files of its code.
    words = places.private(here, Path(torch.__file__).parent)
    assert list(places.telling("a.zip", (here / "a.zip").read_bytes(), words)) == []


def test_what_does_not_keep_to_the_format_is_told(here, zoo):
    _, mistake = export(here, "--license", "mine", code=1)[2]
    assert "would not keep to the bioimage.io format (license" in mistake
    assert len(mistake) < 500
    assert not (here / "a.zip").exists()
    _, mistake = export(here, "--author", "B. Name; ; 0000", code=1)[2]
    assert "orcid: " in mistake


@pytest.mark.parametrize(
    ("words", "options", "sentence"),
    [
        ((), {"settings": PN2V, "normalizer": FIXED}, "A network of PN2V restores by a model"),
        ((), {"shape": (63, 80)}, "The image to test with is 63 x 80 pixels; give one of at least"),
        (("--cite", "Doe 2026"), {}, "The citation 'Doe 2026' has no DOI"),
        (("--weights", "best"), {}, "model/best.safetensors does not exist"),
        (("--percentiles", 9, 1), {}, "must rise and lie between 0 and 100"),
    ],
)
def test_what_cannot_be_exported_is_told(here, words, options, sentence):
    _, mistake = export(here, *words, **options, code=1)[2]
    assert mistake.startswith("Error: ")
    assert sentence in mistake
    assert not (here / "a.zip").exists()


def test_a_package_is_not_written_over(here):
    (here / "a.zip").write_text("precious")
    _, mistake = export(here, code=1)[2]
    assert "a.zip is there already; give another name, or --overwrite." in mistake
    assert (here / "a.zip").read_text() == "precious"
    words = ("export", "model", "a.tar", "--image", "a.tif", *TOLD)
    assert "a.tar must end in .zip" in call(*words, code=1)[1]


def pack(path, contents, told=None):
    """Write a package by hand; files that are not told have the right sha256."""
    import hashlib

    told = told or {name: hashlib.sha256(part).hexdigest() for name, part in contents.items()}
    listed = [{"source": name, "sha256": digest} for name, digest in told.items()]
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("rdf.yaml", yaml.safe_dump({"attachments": listed}))
        for name, part in contents.items():
            package.writestr(name, part)


def test_only_the_models_own_files_are_unpacked_and_only_into_the_folder(here):
    kept = {"card.json": b"{}", "last.safetensors": b"weights"}
    others = {"../card.json": b"a", "/tmp/b.json": b"b", "x/c.json": b"c", "weights.pt": b"d"}
    pack(here / "a.zip", kept | others)
    (here / "in").mkdir()
    (folder,) = bioimageio.unpack(here / "a.zip", here / "in")
    assert {path.name for path in (here / "in").iterdir()} == {folder.name, "rdf.yaml"}
    assert {path.name for path in folder.iterdir()} == set(kept)
    assert {path.name for path in here.iterdir()} == {"a.zip", "in"}


def test_a_changed_or_foreign_package_is_refused(here):
    pack(here / "a.zip", {"card.json": b"{}"}, told={"card.json": "0" * 64})
    with pytest.raises(InputError, match=r"card\.json in .*a\.zip was changed or is damaged"):
        bioimageio.unpack(here / "a.zip", here)
    pack(here / "a.zip", {}, told={"card.json": "0" * 64})
    with pytest.raises(InputError, match=r"holds no regular file card\.json"):
        bioimageio.unpack(here / "a.zip", here)
    with zipfile.ZipFile(here / "a.zip", "w") as package:
        package.writestr("rdf.yaml", "name: another\n")
    with pytest.raises(InputError, match="holds no model of denoisekit"):
        bioimageio.unpack(here / "a.zip", here)
    (here / "a.zip").write_text("no zip")
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    assert "neither a zip" in call("denoise", "a.tif", "--model", "a.zip", code=1)[1]
    assert "b.zip does not exist." in call("denoise", "a.tif", "--model", "b.zip", code=1)[1]


def test_the_files_of_an_ensemble_are_complete_or_it_is_refused(here):
    kept = {"card.json": b"a", "card-2.json": b"b", "last-2.safetensors": b"c", "card-3.json": b"d"}
    pack(here / "a.zip", kept)
    (here / "in").mkdir()
    folders = bioimageio.unpack(here / "a.zip", here / "in")
    assert [(folder / "card.json").read_bytes() for folder in folders] == [b"a", b"b", b"d"]
    assert (folders[1] / "last.safetensors").read_bytes() == b"c"
    del kept["card-2.json"], kept["last-2.safetensors"]
    pack(here / "b.zip", kept)
    (here / "other").mkdir()
    with pytest.raises(InputError, match=r"b\.zip lacks the files of a network"):
        bioimageio.unpack(here / "b.zip", here / "other")


def test_a_package_of_an_ensemble_restores_what_its_networks_do(here, zoo):
    for seed in (1, 2):
        make_model(here / f"seed{seed}", probabilistic=True, loss="laplace", seed=seed)
    write_image(here / "a.tif", noisy(80, 90), pixel_size_um=None)
    call("export", "seed1", "a.zip", "--member", "seed2", "--image", "a.tif", *TOLD)
    both = ["--model", "seed1", "--model", "seed2"]
    call("denoise", "a.tif", *both, "--interval", "90", "--output", "folders")
    call("denoise", "a.tif", "--model", "a.zip", "--interval", "90", "--output", "package")
    wanted, again = (tifffile.imread(here / name / "a.tif") for name in ("folders", "package"))
    np.testing.assert_array_equal(again, wanted)
    image = tifffile.imread(here / "a.tif").astype(np.float32)[None, None]
    sample = zoo.predict(
        model=here / "a.zip", inputs=zoo.Tensor(image, dims=("batch", "channel", "y", "x"))
    )
    (made,) = sample.members.values()
    np.testing.assert_allclose(made.data.data[0, 0], wanted[0], rtol=2e-2)
    with zipfile.ZipFile(here / "a.zip") as package:
        assert "An ensemble of 2 networks" in package.read("README.md").decode()
        (output,) = yaml.safe_load(package.read("rdf.yaml"))["outputs"]
    assert output["axes"][1]["channel_names"] == ["restored", "scale"]
    said = call("denoise", "a.tif", "--model", "a.zip", "--model", "seed1", code=1)[1]
    assert "a.zip is an ensemble of 2 networks itself; name it alone." in said


def test_a_model_is_used_as_its_study_does(here):
    network, image = make_model(here / "model"), noisy(40, 50)
    write_image(here / "a.tif", image, pixel_size_um=None)
    best = networks.build(UNET, dims=2, probabilistic=False).eval()
    weights.save_weights(here / "model/best.safetensors", best.state_dict())
    noted = {"weights": "best", "percentiles": [1, 99]}
    files.write_json(here / "model/prediction.json", noted)

    def restored(folder, *words):
        call("denoise", "a.tif", "--model", "model", "--output", folder, *words)
        return tifffile.imread(here / folder / "a.tif")

    def expected(network, percentiles):
        options = {"tile": 512, "precision": "mixed", "device": "cpu", "name": "x"}
        return inference.restore(network, image, percentiles=percentiles, **options).mean

    np.testing.assert_allclose(restored("1"), expected(best, (1, 99)), rtol=1e-5)
    words = ("--weights", "last", "--percentiles", 2, 98)
    np.testing.assert_allclose(restored("2", *words), expected(network, (2, 98)), rtol=1e-5)
    (here / "model/prediction.json").write_text("{")
    mistake = call("denoise", "a.tif", "--model", "model", "--output", "3", code=1)[1]
    assert "prediction.json cannot be read" in mistake
    files.write_json(here / "model/prediction.json", {"weights": "../last"})
    mistake = call("denoise", "a.tif", "--model", "model", "--output", "3", code=1)[1]
    assert "prediction.json: weights must be one of best, last" in mistake


def test_a_card_older_than_fixed_numbers_is_read(here):
    make_model(here / "model")
    card = json.loads((here / "model/card.json").read_text())
    del card["normalizer"]
    files.write_json(here / "model/card.json", card)
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    call("denoise", "a.tif", "--model", "model")
    assert "percentiles" in call("models", ".")[0]


JOINT = ["nuclei", "cell-walls"]


def joint_model(folder, *, dims=2, probabilistic=True, names=JOINT, loss="laplace"):
    """Leave an untrained network of several channels as a training would, and return it."""
    torch.manual_seed(5)
    options = {"channels": len(names), "jointly": True, "probabilistic": probabilistic}
    network = networks.build(UNET, dims=dims, **options)
    weights.save_weights(folder / "last.safetensors", network.state_dict())
    method = {"network": "tiny", "objective": "supervised", "loss": loss, "channels": "tissue"}
    card = {"train_set": "tissue", "method": method, "network": UNET, "channels": names}
    card |= {"dims": dims, "probabilistic": probabilistic, "normalizer": None, "seed": "0"}
    files.write_json(folder / "card.json", card | {"parameters": 1, "seconds": 1.0})
    return network.eval()


@pytest.mark.parametrize("shape", [(41, 50), (5, 18, 23)])
def test_a_portable_network_restores_each_channel_in_its_units(shape):
    torch.manual_seed(0)
    options = {"channels": 2, "jointly": True, "probabilistic": True}
    network = networks.build(UNET, dims=len(shape), **options)
    images = noisy(2, *shape) * np.float32([1, 40]).reshape(2, *[1] * len(shape)) + 7
    found = portable_network(network, normalizer=None, channels=2)(images[None])[0]
    card = {"channels": JOINT, "dims": len(shape), "normalizer": None}
    options = {"tile": 512, "precision": "full"}
    restorer = JointRestorer(Model(network, card, "cpu"), (2, 99.8), **options)
    wanted = restorer.predict(list(images), JOINT)
    np.testing.assert_allclose(found[:2], [one.mean for one in wanted], rtol=1e-4)
    np.testing.assert_allclose(found[2:], [one.scale for one in wanted], rtol=1e-4)


@pytest.mark.parametrize(
    ("axes", "shape", "probabilistic"),
    [("CYX", (2, 80, 101), True), ("CYX", (2, 70, 81), False), ("ZCYX", (6, 2, 64, 66), True)],
)
def test_a_package_of_channels_restores_what_its_folder_does(here, zoo, axes, shape, probabilistic):
    joint_model(here / "model", dims=len(axes) - 1, probabilistic=probabilistic)
    write_image(here / "a.tif", noisy(*shape), pixel_size_um=None, axes=axes)
    call("export", "model", "a.zip", "--image", "a.tif", *TOLD)
    call("denoise", "a.tif", "--model", "model", "--output", "folder")
    call("denoise", "a.tif", "--model", "a.zip", "--output", "package")
    wanted, again = (tifffile.imread(here / name / "a.tif") for name in ("folder", "package"))
    assert wanted.shape == shape
    np.testing.assert_array_equal(again, wanted)
    at = axes.index("C")
    image = np.moveaxis(tifffile.imread(here / "a.tif"), at, 0).astype(np.float32)[None]
    dims = ("batch", "channel", *axes.replace("C", "").lower())
    sample = zoo.predict(model=here / "a.zip", inputs=zoo.Tensor(image, dims=dims))
    [found] = (np.asarray(tensor.data) for tensor in sample.members.values())
    assert found.shape == (1, 2 * (1 + probabilistic), *image.shape[2:])
    # The command computes in 16 bits where the machine has instructions for it.
    rounded = number_type("mixed", device="cpu", training=False) != "float32"
    tolerance = (3e-3 if rounded else 1e-5) * np.ptp(wanted)
    np.testing.assert_allclose(found[0, :2], np.moveaxis(wanted, at, 0), rtol=0, atol=tolerance)
    with zipfile.ZipFile(here / "a.zip") as package:
        told = yaml.safe_load(package.read("rdf.yaml"))
        document = package.read("README.md").decode()
    [given], [made] = told["inputs"], told["outputs"]
    names = ["nuclei", "cell_walls"]
    scales = [f"{name}_scale" for name in names]
    assert given["axes"][1]["channel_names"] == names
    assert made["axes"][1]["channel_names"] == names + scales * probabilistic
    assert "the channels nuclei, cell-walls together" in document
    assert "percentiles 2 and 99.8 of each channel of each image become 0 and 1" in document
    assert ("the scales of the Laplace distributions" in document) == probabilistic


def test_names_of_channels_become_identifiers_none_twice():
    found = bioimageio._identifiers(["0", "B c", "b-c", "Zelle\u00e4"])
    assert found == ["channel_0", "b_c_1", "b_c_2", "zelle_"]


def test_what_no_network_of_channels_exports_is_told(here):
    joint_model(here / "model")
    write_image(here / "a.tif", noisy(70, 70), pixel_size_um=None)
    words = ("export", "model", "a.zip", "--image", "a.tif", *TOLD)
    sentence = "restores the channels nuclei, cell-walls, but was given 1 image"
    assert sentence in call(*words, code=1)[1]
    write_image(here / "a.tif", noisy(2, 60, 70), pixel_size_um=None, axes="CYX")
    assert "The image to test with is 60 x 70 pixels; give one of" in call(*words, code=1)[1]


STACKS = {
    **{"architecture": "projection-unet", "projection_depth": 2, "projection_filters": 2},
    **{"depth": 1, "kernel_size": 3, "first_filters": 2},
}


def stack_model(folder, settings=STACKS):
    """Leave a network of stacks whose planes lie 0.5 um apart, which prefers some of them."""
    network = make_model(folder, settings)
    with torch.no_grad():
        network.sheet.last.weight *= 30
    weights.save_weights(folder / "last.safetensors", network.state_dict())
    card = json.loads((folder / "card.json").read_text())
    files.write_json(folder / "card.json", card | {"units": {"z_spacing_um": 0.5}})
    return network


def write_stack(path, stack, *, spacing_um=0.5):
    write_image(path, stack, pixel_size_um=0.2, spacing_um=spacing_um, axes="ZYX"[-stack.ndim :])


@pytest.mark.parametrize("part", [np.s_[:, :64, :64], np.s_[3:10, :41, :50]])
def test_a_portable_network_projects_stacks_of_any_size_in_their_units(here, part):
    network = stack_model(here / "model")
    content = torchscript.projecting_torchscript(network, percentiles=(2, 99.8), spacing_um=0.5)
    stacks = np.stack([STACK[part], 900 + 7 * STACK[part][::-1]]).astype(np.float32)
    run = torch.jit.load(io.BytesIO(content))
    options = {"percentiles": (2, 99.8), "tile": 512, "precision": "full", "device": "cpu"}
    for made, stack in zip(run(torch.from_numpy(stacks[:, None])).numpy(), stacks, strict=True):
        wanted = restore_projection(network, stack, name="x", **options)
        assert wanted.height.std() > 0.1
        assert made.shape == (3, *stack.shape[1:])
        np.testing.assert_allclose(made[0], wanted.restored, rtol=1e-4)
        np.testing.assert_allclose(made[1], 0.5 * wanted.height, rtol=1e-3)
        np.testing.assert_allclose(made[2], 0.5 * wanted.spread, rtol=1e-3)


def projected(here, name, model):
    """Return plane, height and spread of a stack, as the command writes them."""
    parts = ("plane", "height", "spread")
    paths = [here / f"{model}-{part}.tif" for part in parts]
    words = ("--output", paths[0], "--height", paths[1], "--spread", paths[2], "--overwrite")
    call("project", name, "--model", model, *words)
    return [tifffile.imread(path) for path in paths]


def test_a_package_projects_what_its_folder_does(here, zoo):
    stack_model(here / "model")
    write_stack(here / "a.tif", STACK)
    call("export", "model", "a.zip", "--image", "a.tif", *TOLD, "--percentiles", 1, 99)
    files.write_json(here / "model/prediction.json", {"percentiles": [1, 99]})
    write_stack(here / "b.tif", STACK[2:13, :81, :70])
    wanted = projected(here, "b.tif", "model")
    np.testing.assert_array_equal(projected(here, "b.tif", "a.zip"), wanted)
    pixels = tifffile.imread(here / "b.tif").astype(np.float32)[None, None]
    dims = ("batch", "channel", "z", "y", "x")
    sample = zoo.predict(model=here / "a.zip", inputs=zoo.Tensor(pixels, dims=dims))
    [made] = (np.asarray(tensor.data) for tensor in sample.members.values())
    assert made.shape == (1, 3, 81, 70)
    # The command computes in 16 bits where the machine has instructions for it.
    rounded = number_type("mixed", device="cpu", training=False) != "float32"
    for found, one in zip(made[0], wanted, strict=True):
        tolerance = (3e-2 if rounded else 1e-3) * np.ptp(one)
        np.testing.assert_allclose(found, one, rtol=0, atol=tolerance)
    with zipfile.ZipFile(here / "a.zip") as package:
        told = yaml.safe_load(package.read("rdf.yaml"))
        document = package.read("README.md").decode()
        whole = np.load(io.BytesIO(package.read("test-input.npy")))
        kept = {name: package.read(name) for name in package.namelist()}
    np.testing.assert_array_equal(whole[0, 0], STACK)
    [given], [output] = told["inputs"], told["outputs"]
    assert [axis.get("size") for axis in given["axes"][2:]] == [
        {"min": 2, "step": 1}, {"min": 64, "step": 1}, {"min": 64, "step": 1},
    ]  # fmt: skip
    assert (given["axes"][2]["unit"], given["axes"][2]["scale"]) == ("micrometer", 0.5)
    assert output["axes"][1]["channel_names"] == ["restored", "height", "spread"]
    assert [axis["id"] for axis in output["axes"][2:]] == ["y", "x"]
    assert [part["unit"] for part in output["data"]] == ["arbitrary unit", "µm", "µm"]
    assert "Planes must lie 0.5 um apart" in " ".join(document.split())
    assert "The percentiles 1 and 99 of each stack" in document
    told = call("denoise", "b.tif", "--model", "a.zip", code=1)[1]
    assert "a.zip makes planes of stacks, and is not for images as they are; take" in told
    # What other programs run is not opened here, whatever it is.
    with zipfile.ZipFile(here / "other.zip", "w") as package:
        for name, content in (kept | {"weights.pt": b"code"}).items():
            package.writestr(name, content)
    np.testing.assert_array_equal(projected(here, "b.tif", "other.zip"), wanted)


def test_packages_that_project_no_stack_are_told(here):
    write_stack(here / "a.tif", STACK)
    words = ("project", "a.tif", "--output", "plane.tif", "--model")

    def packed(*folders):
        """Write a package by hand, and say what is told of it."""
        contents = {
            name if number == 1 else name.replace(".", f"-{number}."): (folder / name).read_bytes()
            for number, folder in enumerate(folders, 1)
            for name in ("card.json", "last.safetensors")
        }
        pack(here / "a.zip", contents)
        return call(*words, "a.zip", code=1)[1]

    make_model(here / "images")
    assert "a.zip restores images as they are, and makes no planes of stacks" in packed(
        here / "images"
    )
    stack_model(here / "model")
    assert "a.zip holds 2 networks, but one alone projects" in packed(*[here / "model"] * 2)
    with zipfile.ZipFile(here / "a.zip", "w") as package:
        package.writestr("rdf.yaml", "name: another\n")
        package.writestr("weights.pt", b"code")
    assert "holds no model of denoisekit" in call(*words, "a.zip", code=1)[1]
    assert "b.zip does not exist." in call(*words, "b.zip", code=1)[1]
    assert not (here / "plane.tif").exists()


@pytest.mark.parametrize(
    ("stack", "spacing_um", "words", "sentence"),
    [
        (STACK[0], None, (), "Error: a.tif has the axes YX, but volumes with an axis Z are"),
        (STACK[:, :50], 0.5, (), "is 20 x 50 x 96 pixels; give one of at least 2 x 64 x 64."),
        (STACK, 0.8, (), "The planes of a.tif lie 0.8 um apart, but the network was trained on"),
        (STACK[:, :50], None, (), "a.tif does not tell how far its planes lie apart; those of the"),
        (STACK, 0.5, ("--member", "model"), "which one network does alone; leave --member out"),
    ],
)
def test_what_no_network_of_stacks_exports_is_told(here, stack, spacing_um, words, sentence):
    stack_model(here / "model")
    write_stack(here / "a.tif", stack, spacing_um=spacing_um)
    command = ("export", "model", "a.zip", "--image", "a.tif", *TOLD, *words)
    assert sentence in call(*command, code=1)[1]
    with pytest.raises(InputError, match="is 96 x 96, but the network makes planes of stacks"):
        bioimageio._in_channels(model_folder.open_projection("model"), STACK[0])
    assert not (here / "a.zip").exists()


def test_why_a_network_of_what_lies_between_planes_is_not_exported_is_told():
    card = {"network": UNET, "method": {"objective": "isotropic"}}
    with pytest.raises(InputError, match=r"of its study's stacks.*take 'denoisekit denoise --iso"):
        bioimageio.check_exportable(card)


def test_a_deep_stack_is_kept_whole_and_fewer_pixels_of_it():
    least = {"z": 2, "y": 64, "x": 64}
    stack = np.broadcast_to(np.float32(1), (1, 128, 300, 280))
    assert bioimageio._middle(stack, least, all_planes=True).shape == (1, 128, 128, 128)
    assert bioimageio._middle(stack[:, :20], least, all_planes=True).shape == (1, 20, 256, 256)
    assert bioimageio._middle(stack, least, all_planes=False).shape == (1, 32, 256, 256)


def test_hot_pixels_are_no_part_of_the_image_that_a_package_is_tested_with(here, zoo):
    make_model(here / "model")
    image = noisy(80, 90)
    image[40, 50] = 60_000
    write_image(here / "a.tif", image, pixel_size_um=None)
    command = ("export", "model", "a.zip", "--image", "a.tif", *TOLD)
    call(*command)
    with zipfile.ZipFile(here / "a.zip") as package:
        assert np.load(io.BytesIO(package.read("test-input.npy"))).max() < 100
    image[:, :20] = 0
    write_image(here / "a.tif", image, pixel_size_um=None)
    told = call(*command, "--overwrite", code=1)[1]
    assert "has 1600 pixels outside of the field and 1 pixels hot" in told
