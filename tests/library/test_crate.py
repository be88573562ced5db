import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rocrate.rocrate import ROCrate

from denoisekit import machine
from denoisekit.study import crate

RUN = crate.Run(
    title="A study",
    description="Of this and that.",
    workflow="code/Snakefile",
    settings="settings.yaml",
    version="1.2",
    commit="abc with uncommitted changes",
    language="9.27.1",
    started=datetime(2026, 1, 2, 3, tzinfo=UTC),
    ended=datetime(2026, 1, 2, 4, tzinfo=UTC),
    seeds={"seeds": [0, 1], "patches.seed": 7},
    software=[("torch", "2.13.0+cpu"), ("python", "3.12.1")],
    machine={"cores": 2},
    usage={"seconds of all jobs": 12.5},
)
RESULTS = [
    crate.Result("report.html", "The page"),
    crate.Result("tables/", "Tables", [crate.Result("tables/a b.tsv", "a b.tsv")]),
]


@pytest.fixture
def folder(tmp_path):
    for name in ("code/Snakefile", "settings.yaml", "report.html", "tables/a b.tsv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def described(folder, *inputs, run=RUN, results=RESULTS):
    content = crate.describe(folder, run, inputs=inputs, results=results)
    (folder / "ro-crate-metadata.json").write_text(json.dumps(content))
    return ROCrate(folder)


def test_an_identifier_by_content_is_that_of_rfc_6920():
    digest = hashlib.sha256(b"Hello World!").hexdigest()
    expected = "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    assert crate.hash_identifier(digest) == expected


def test_the_run_links_the_workflow_what_it_read_and_what_it_made(folder):
    read = crate.Input("images", "https://example.org/a.tif", "a.tif", "Images", "ab" * 32)
    found = described(folder, read)
    action = found.get("#run")
    assert action["instrument"] == found.mainEntity
    assert {part.id for part in action["object"]} == {
        *("settings.yaml", read.identifier, "#seed-seeds", "#seed-patches.seed"),
    }
    assert {part.id for part in action["result"]} == {"report.html", "tables/"}
    assert action["startTime"] == "2026-01-02T03:00:00+00:00"
    assert found.get(read.identifier)["sha256"] == "ab" * 32
    assert found.root_dataset["mentions"] == action
    slots = {slot["name"]: slot["workExample"] for slot in found.mainEntity["input"]}
    assert slots == {"settings": found.get("settings.yaml"), "images": found.get(read.identifier)}
    packages = found.mainEntity["softwareRequirements"]
    assert {package.id: package["softwareVersion"] for package in packages} == {
        "pkg:pypi/torch@2.13.0%2Bcpu": "2.13.0+cpu",
        "pkg:generic/python@3.12.1": "3.12.1",
    }
    assert found.mainEntity["identifier"]["value"] == RUN.commit
    assert {fact["name"]: fact["value"] for fact in action["resourceUsage"]} == {
        **{"cores": 2, "seconds of all jobs": 12.5},
    }


def test_files_are_hashed_and_folders_are_not(folder):
    found = described(folder)
    for name in ("report.html", "tables/a%20b.tsv", "code/Snakefile"):
        content = name.replace("%20", " ").encode()
        assert found.get(name)["sha256"] == hashlib.sha256(content).hexdigest()
    assert found.get("tables/")["hasPart"].id == "tables/a%20b.tsv"
    assert "sha256" not in found.get("tables/")


def test_the_same_run_gives_the_same_description(folder):
    first, second = (crate.describe(folder, RUN, inputs=[], results=RESULTS) for _ in range(2))
    assert first == second
    later = replace(RUN, ended=datetime(2026, 1, 3, tzinfo=UTC))
    third = crate.describe(folder, later, inputs=[], results=RESULTS)
    changed = [a["@id"] for a, b in zip(first["@graph"], third["@graph"], strict=True) if a != b]
    assert changed == ["./", "#run"]


def test_a_result_that_is_not_there_is_not_described(folder):
    with pytest.raises(FileNotFoundError):
        crate.describe(folder, RUN, inputs=[], results=[crate.Result("gone.tsv", "gone")])


def test_own_files_are_told_by_one_hash():
    digests = [hashlib.sha256(text).hexdigest() for text in (b"one", b"two")]
    listing = f"{digests[0]}  x/a.tif\n{digests[1]}  y/b.tif\n".encode()
    used = {"/home/me/mine/y/b.tif": digests[1], "/home/me/mine/x/a.tif": digests[0]}
    found = crate.own_files("Mine", used)
    assert found.identifier == crate.hash_identifier(hashlib.sha256(listing).hexdigest())
    assert found.folder
    assert found.description.startswith("2 files in mine;")
    assert "home" not in found.description


def test_a_machine_is_told_by_its_kind():
    assert set(machine.describe()) == {"system", "architecture", "processor", "cores"}
    assert machine.processor()
