"""The full study's downloads, tried with small stacks from a local server."""

import hashlib
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
import yaml

from servers import serving

ROOT = Path(__file__).resolve().parents[2]
STACKS = ["actin-60x-noise1", "mito-60x-noise1", "actin-60x-noise2"]
REGISTERED = "results/paper/registered/actin"


def load(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def stack(pages, seed, kind="low"):
    """A stack of different pictures of a few squares, under a short or a long exposure."""
    rng = np.random.default_rng(seed)
    pixels = np.full((pages, 48, 48), 100.0)
    for page in pixels:
        for y, x in rng.integers(4, 44, (12, 2)):
            page[y - 3 : y + 3, x - 3 : x + 3] += rng.uniform(50, 200)
    pixels += np.random.default_rng([seed, len(kind)]).normal(
        0, 20 if kind == "low" else 2, pixels.shape
    )
    file = io.BytesIO()
    tifffile.imwrite(file, pixels.astype(np.uint16), photometric="minisblack")
    return file.getvalue()


@pytest.fixture
def server(monkeypatch):
    """A server with the stacks of the full study, in folders as published."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("DENOISEKIT_GIGADB", raising=False)
    files = {
        f"/0{number}-{name}/{name}-{kind}snr.tif": stack(69, number, kind)
        for number, name in enumerate(STACKS, start=4)
        for kind in ("low", "high")
    }
    with serving(files) as running:
        yield running


@pytest.fixture
def paper(tmp_path, server):
    """The full study, with the local server as the only address."""
    catalogue = load("config/sources/gigadb-100888.yaml")
    catalogue["addresses"] = [server.address]
    write_catalogue(tmp_path, catalogue)
    config = load("config/paper.yaml")
    config["sources"]["gigadb-100888"]["catalogue"] = "catalogue.yaml"
    return config


def write_catalogue(folder, catalogue):
    (folder / "catalogue.yaml").write_text(yaml.safe_dump(catalogue), encoding="utf-8")


def log(tmp_path, name):
    file = tmp_path / f"results/paper/logs/download/gigadb-100888/{name}.log"
    return file.read_text(encoding="utf-8")


def test_the_full_study_downloads_and_registers_its_stacks(paper, server, snakemake, tmp_path):
    server.cut_after, server.broken_answers = 200_000, 4
    targets = [f"results/paper/registered/{name}" for name in ("actin", "mitochondria")]
    snakemake(paper, *targets, "results/paper/registered/actin-noisy")
    for path, content in server.files.items():
        name = path.rpartition("/")[2]
        assert (tmp_path / "resources/gigadb-100888" / name).read_bytes() == content
        assert f"sha256 {hashlib.sha256(content).hexdigest()}, published: none" in log(
            tmp_path, name
        )
    assert len(list((tmp_path / REGISTERED / "low").glob("train-*.tif"))) == 60
    assert len(list((tmp_path / REGISTERED / "low").glob("test-*.tif"))) == 9
    page = tifffile.imread(tmp_path / "resources/gigadb-100888/actin-60x-noise1-lowsnr.tif", key=61)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / REGISTERED / "low/test-01.tif"), page)
    assert server.sent < 1.1 * sum(map(len, server.files.values()))
    assert "Nothing to be done" in snakemake(paper, *targets)


def test_when_no_address_helps_one_sentence_says_what_to_do(paper, server, snakemake, tmp_path):
    server.files.clear()
    output = snakemake(paper, REGISTERED, succeeds=False)
    place = tmp_path / "resources/gigadb-100888"
    for part in (
        "actin-60x-noise1-lowsnr.tif could not be downloaded",
        f"{server.address}/[01-10]-actin-60x-noise1/actin-60x-noise1-lowsnr.tif answered 404",
        "Fetch it by hand (https://doi.org/10.5524/100888)",
        f"and put it at {place}/actin-60x-noise1-lowsnr.tif",
        "sources.gigadb-100888.folder",
    ):
        assert part in output
    assert "Traceback" not in output
    place.mkdir(parents=True, exist_ok=True)
    for kind in ("low", "high"):
        (place / f"actin-60x-noise1-{kind}snr.tif").write_bytes(stack(69, 1, kind))
    asked = len(server.asked)
    snakemake(paper, REGISTERED)
    assert len(server.asked) == asked


def test_a_failed_run_keeps_what_it_received(paper, server, snakemake, tmp_path):
    name, content = f"{STACKS[0]}-lowsnr.tif", stack(69, 1)
    server.files = {f"/01-{STACKS[0]}/{name}": content}
    server.cut_after, server.broken_answers = 100_000, 1
    server.status = [200, 503, 503, 503, 503]
    file = f"resources/gigadb-100888/{name}"
    output = snakemake(paper, file, succeeds=False)
    assert "answered 503 (Service Unavailable). Fetch it by hand" in output
    snakemake(paper, file)
    assert (tmp_path / file).read_bytes() == content
    assert server.sent < len(content) + 20_000


def test_a_stack_with_too_few_pages_is_told_at_once(paper, server, snakemake):
    server.files = {path: stack(64, 1) for path in server.files}
    output = snakemake(paper, REGISTERED, succeeds=False)
    assert "actin-60x-noise1-lowsnr.tif has 64 pages, counted from 0, but page 68 is ask" in output
    assert "'page' of the pair table" in output
    assert "Traceback" not in output


def test_files_that_the_user_has_are_used_in_place(paper, server, snakemake, tmp_path, monkeypatch):
    own = tmp_path / "own"
    for path, content in server.files.items():
        if "highsnr" in path:
            (own / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (own / path.rpartition("/")[2]).write_bytes(content)
    monkeypatch.setenv("DENOISEKIT_GIGADB", str(own))
    catalogue = yaml.safe_load((tmp_path / "catalogue.yaml").read_text(encoding="utf-8"))
    catalogue["files"]["actin-60x-noise1-highsnr.tif"]["sha256"] = "0" * 64
    write_catalogue(tmp_path, catalogue)
    output = snakemake(paper, REGISTERED)
    linked = tmp_path / "resources/gigadb-100888/actin-60x-noise1-highsnr.tif"
    assert linked.readlink() == own / "actin-60x-noise1-highsnr.tif"
    sentence = f"but should have {'0' * 64}. It is used as it is."
    assert sentence in log(tmp_path, linked.name)
    assert f"[download gigadb-100888/{linked.name}] warning: {own}" in output
    assert sentence in output
    assert {path.rpartition("/")[2] for path, _ in server.asked} == {"actin-60x-noise1-lowsnr.tif"}
    monkeypatch.delenv("DENOISEKIT_GIGADB")
    assert "Nothing to be done" in snakemake(paper, REGISTERED)


def test_a_new_address_or_checksum_fetches_nothing_anew(paper, server, snakemake, tmp_path):
    file = "resources/gigadb-100888/actin-60x-noise1-lowsnr.tif"
    snakemake(paper, file)
    catalogue = yaml.safe_load((tmp_path / "catalogue.yaml").read_text(encoding="utf-8"))
    catalogue["addresses"] = ["https://elsewhere.example"]
    catalogue["files"][Path(file).name]["sha256"] = "1" * 64
    write_catalogue(tmp_path, catalogue)
    assert "Nothing to be done" in snakemake(paper, file)


def test_a_file_that_no_source_has_stops_the_plan(paper, snakemake, tmp_path):
    table = (ROOT / "config/pairs/paper-actin.tsv").read_text(encoding="utf-8")
    (tmp_path / "mine.tsv").write_text(table.replace("noise1-low", "noise7-low"), encoding="utf-8")
    paper["datasets"]["actin"]["pairs"] = "mine.tsv"
    output = snakemake(paper, "-n", succeeds=False)
    assert "mine.tsv names the file resources/gigadb-100888/actin-60x-noise7-lowsnr.tif" in output
    assert "does not exist; its source provides resources/gigadb-100888/actin-60x-noise1-" in output
    assert "Traceback" not in output


def test_a_mistake_in_a_catalogue_stops_the_plan(paper, snakemake, tmp_path):
    write_catalogue(tmp_path, {"title": "-"})
    assert "catalogue.yaml: the file lacks the key" in snakemake(paper, "-n", succeeds=False)


@pytest.fixture
def archive(server, tmp_path, paper):
    """A stack in an archive that the server has, and the catalogue that says so."""
    content, packed = stack(3, 1), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../deep/low.tif", content)
    server.files = {"/all.zip": packed.getvalue()}
    catalogue = yaml.safe_load((tmp_path / "catalogue.yaml").read_text(encoding="utf-8"))
    catalogue["files"] |= {
        "all.zip": {"path": "all.zip", "sha256": hashlib.sha256(packed.getvalue()).hexdigest()},
        "low.tif": {
            "archive": "all.zip",
            "member": "../deep/low.tif",
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    }
    write_catalogue(tmp_path, catalogue)
    return content, catalogue


def test_a_stack_comes_out_of_an_archive(archive, paper, snakemake, tmp_path):
    content, catalogue = archive
    file = "resources/gigadb-100888/low.tif"
    snakemake(paper, file)
    assert (tmp_path / file).read_bytes() == content
    assert not list(tmp_path.rglob("deep"))
    del catalogue["files"]["low.tif"]["sha256"]
    write_catalogue(tmp_path, catalogue)
    assert "Nothing to be done" in snakemake(paper, file)


def test_a_wrong_checksum_of_a_member_names_it_and_its_archive(archive, paper, snakemake, tmp_path):
    _, catalogue = archive
    catalogue["files"]["low.tif"]["sha256"] = "1" * 64
    write_catalogue(tmp_path, catalogue)
    file = "resources/gigadb-100888/low.tif"
    output = snakemake(paper, file, succeeds=False)
    assert "../deep/low.tif of resources/gigadb-100888/all.zip has the sha256" in output
    assert not (tmp_path / file).exists()


def test_a_folder_that_is_misspelt_stops_the_plan(paper, snakemake, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOISEKIT_GIGADB", str(tmp_path / "ownn"))
    output = snakemake(paper, "-n", succeeds=False)
    assert "sources.gigadb-100888.folder is '${DENOISEKIT_GIGADB}', but there is no" in output
    assert "Traceback" not in output


def test_the_plan_of_the_full_study_is_the_papers(snakemake):
    output = snakemake(load("config/paper.yaml"), "-n")
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", output, re.MULTILINE))
    # Five train sets, seven experiments of three losses each, six stacks, two stand-ins.
    expected = {"train": "15", "predict": "21", "download": "6", "simulate": "2"}
    assert {name: jobs[name] for name in expected} == expected
