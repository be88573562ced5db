"""Describe a finished run: which code, with which settings, on what, gave which files, and when.

The description is a Workflow Run RO-Crate 0.5 (https://w3id.org/ro/wfrun/workflow/0.5), the
``ro-crate-metadata.json`` of the results' folder (Leo et al. 2024, 10.1371/journal.pone.0309210).
It tells of the run as a whole; what made a single network is told by the network's card.
"""

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model import ContextEntity, DataEntity
from rocrate.rocrate import ROCrate

from denoisekit.provenance import file_sha256

_PROFILES = {
    "Process Run Crate": "https://w3id.org/ro/wfrun/process/0.5",
    "Workflow Run Crate": "https://w3id.org/ro/wfrun/workflow/0.5",
    "Workflow RO-Crate": "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
}
# The terms of these profiles that RO-Crate itself has not, sha256 among them.
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_FORMATS = {
    "": "text/plain",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".tar": "application/x-tar",
    ".tex": "application/x-tex",
    ".tif": "image/tiff",
    ".tsv": "text/tab-separated-values",
    ".yaml": "application/yaml",
}

#: What the folders of a finished study hold, but those of which every file is told.
FOLDERS = {
    "pairs": "Lists of the images that patterns of names found",
    "registered": "Registered images, their pairs and quality",
    "checks": "Proof that no test image was trained on; score conventions",
    "noise_cards": "What the noise of every data set is like",
    "noise_models": "Noise models",
    "patches": "Training patches",
    "posterior": "What is known of one pixel",
    "scores": "Scores of every run",
    "sharpness": "How sharp every run's images are",
    "calibration": "What the scales of every run are worth",
    "kept": "Images kept from training, as networks restored them",
    "residuals": "What residuals tell of every image",
    "controls": "Pure noise and flat fields",
    "labels": "Labels of the objects in images",
    "segmentation": "What settings objects are found by, and those that were tried",
    "segmented": "Objects found in what every run restored, and how well they match",
    "depth": "How far the depths of sheets are from the true ones",
    "looks": "What frames are like",
    "viewer": "Pictures that the page compares",
    "logs": "What every job printed",
    "benchmarks": "Seconds and memory of every job",
}


@dataclass(frozen=True)
class Input:
    """What a run read and did not make.

    Attributes
    ----------
    slot
        As what it was read, in one word, such as ``images``.
    identifier
        A web address, or what `hash_identifier` gives.
    name
        Its name, without a path of this machine.
    description
        What it is.
    sha256
        Of a file; None where it is not known, and for a folder.
    folder
        Whether it stands for many files.
    """

    slot: str
    identifier: str
    name: str
    description: str
    sha256: str | None = None
    folder: bool = False


@dataclass(frozen=True)
class Result:
    """A file of the results, which is hashed, or a folder, of which nothing but its parts is told.

    `path` is from the results' folder; `parts` are paths below it.
    """

    path: str
    name: str
    parts: Sequence["Result"] = ()


@dataclass(frozen=True)
class Run:
    """What is known of a run besides its inputs and results.

    Attributes
    ----------
    title, description
        Of the study.
    workflow, settings
        Copies of the Snakefile and of the study, as paths from the results' folder.
    version, commit
        Of the code.
    language
        Version of Snakemake.
    started, ended
        When the first of the jobs began and the last ended.
    seeds
        By their names in the settings.
    software
        Versions by package.
    machine, usage
        Facts by name: the kind of machine, and what the run took.
    """

    title: str
    description: str
    workflow: str
    settings: str
    version: str
    commit: str
    language: str
    started: datetime
    ended: datetime
    seeds: Mapping[str, Any]
    software: Sequence[tuple[str, str]]
    machine: Mapping[str, Any]
    usage: Mapping[str, Any]


def hash_identifier(sha256: str) -> str:
    """Return the address of a file that has none but its content (RFC 6920)."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"


def own_files(name: str, digests: Mapping[str, str]) -> Input:
    """Tell of files that have no address by one hash of the names and the content of all.

    Parameters
    ----------
    name
        What to call them.
    digests
        Their sha256 as they were used, by their paths, which are told from the folder that holds
        all of them.
    """
    root = os.path.commonpath({os.path.dirname(path) for path in digests})
    lines = (
        f"{told}  {path[len(root) :].lstrip(os.sep)}\n" for path, told in sorted(digests.items())
    )
    return Input(
        "images",
        hash_identifier(hashlib.sha256("".join(lines).encode()).hexdigest()),
        name,
        f"{len(digests)} files in {Path(root).name or '.'}; the address is the sha256 of a list of "
        "their sha256 and names, as sha256sum writes it",
        folder=True,
    )


def describe(
    folder: Path, run: Run, *, inputs: Sequence[Input], results: Sequence[Result]
) -> dict[str, Any]:
    """Return the content of ``ro-crate-metadata.json``.

    Parameters
    ----------
    folder
        The results' folder; files in it are hashed, and nothing is written.
    run
        What is known of the run.
    inputs
        What it read, besides its settings.
    results
        What it made.

    Raises
    ------
    FileNotFoundError
        If a result is not there.
    """
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(_TERMS)
    workflow = _add_workflow(crate, folder, run)
    settings = _add_result(crate, folder, Result(run.settings, "The study's settings"))
    read = [_add_input(crate, item) for item in inputs]
    made = [_add_result(crate, folder, item) for item in results]
    code = _add_result(
        crate, folder, Result(f"{Path(run.workflow).parent}/", "The workflow and its library")
    )
    taken = {"settings": [settings]}
    for item, entity in zip(inputs, read, strict=True):
        taken.setdefault(item.slot, []).append(entity)
    given = {item.path.strip("/"): [part] for item, part in zip(results, made, strict=True)}
    workflow["input"] = [_add_slot(crate, "input", name, part) for name, part in taken.items()]
    workflow["output"] = [_add_slot(crate, "output", name, part) for name, part in given.items()]
    action = crate.add_action(
        workflow,
        identifier="#run",
        object=[settings, *read, *_add_facts(crate, "seed", run.seeds)],
        result=made,
        properties={
            "name": f"Run of {run.title}",
            "description": "From the start of the first job whose result stands to the end of the "
            "last; Snakemake may have been started more than once in between.",
            "startTime": run.started.isoformat(timespec="seconds"),
            "endTime": run.ended.isoformat(timespec="seconds"),
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )
    action["resourceUsage"] = [
        *_add_facts(crate, "machine", run.machine),
        *_add_facts(crate, "usage", run.usage),
    ]
    _describe_root(crate, run, parts=[workflow, code, settings, *read, *made], action=action)
    return _plain(crate.metadata.generate())


def _describe_root(crate: ROCrate, run: Run, *, parts: list[DataEntity], action: Any) -> None:
    """Say what the folder as a whole is."""
    root = crate.root_dataset
    root["name"], root["description"] = run.title, run.description
    root["datePublished"] = run.ended.isoformat(timespec="seconds")
    root["license"] = _add(
        crate,
        "#rights",
        "CreativeWork",
        name="Rights in these results",
        description="Not stated by the study: they are its makers', and those of whoever took the "
        "images. The code has a licence of its own.",
    )
    root["conformsTo"] = [
        _add(crate, address, "CreativeWork", name=name, version=address.rpartition("/")[2])
        for name, address in _PROFILES.items()
    ]
    root["hasPart"], root["mentions"] = parts, [action]


def _add_workflow(crate: ROCrate, folder: Path, run: Run) -> DataEntity:
    """Add the Snakefile, its language, the code's version and the packages it ran with."""
    workflow = crate.add_workflow(
        dest_path=run.workflow,
        main=True,
        lang="snakemake",
        lang_version=run.language,
        properties={
            "name": "denoisekit",
            "version": run.version,
            "encodingFormat": _FORMATS[""],
            "sha256": file_sha256(folder / run.workflow),
        },
    )
    workflow["identifier"] = _add_facts(crate, "code", {"git commit": run.commit})
    workflow["softwareRequirements"] = [
        _add(
            crate,
            _package_url(name, version),
            "SoftwareApplication",
            name=name,
            softwareVersion=version,
        )
        for name, version in run.software
    ]
    workflow["license"] = {"@id": "https://spdx.org/licenses/MIT"}
    _add(crate, "https://spdx.org/licenses/MIT", "CreativeWork", name="MIT License")
    return workflow


def _package_url(name: str, version: str) -> str:
    """Return a package's version as a package URL (ECMA-427), which names no host."""
    kind = "generic" if name == "python" else "pypi"
    return f"pkg:{kind}/{name.lower()}@{quote(version)}"


def _add_input(crate: ROCrate, item: Input) -> DataEntity:
    """Add what was read, by its address or its content."""
    properties = {"name": item.name, "description": item.description}
    if item.folder:
        return crate.add_dataset(item.identifier, properties=properties)
    if item.sha256:
        properties["sha256"] = item.sha256
    properties["encodingFormat"] = _format(item.name)
    return crate.add_file(item.identifier, properties=properties)


def _add_result(crate: ROCrate, folder: Path, item: Result) -> DataEntity:
    """Add a file with its hash, or a folder with its parts."""
    path = folder / item.path
    if path.is_dir():
        entity = crate.add_dataset(dest_path=item.path, properties={"name": item.name})
        if item.parts:
            entity["hasPart"] = [_add_result(crate, folder, part) for part in item.parts]
        return entity
    properties = {
        "name": item.name,
        "contentSize": str(path.stat().st_size),
        "sha256": file_sha256(path),
        "encodingFormat": _format(path.name),
    }
    return crate.add_file(dest_path=item.path, properties=properties)


def _format(name: str) -> str:
    return _FORMATS.get(Path(name).suffix, "application/octet-stream")


def _add_slot(
    crate: ROCrate, kind: str, name: str, entities: Sequence[DataEntity]
) -> ContextEntity:
    """Add what a workflow takes or gives in general, of which entities are examples."""
    types = {"Dataset" if "Dataset" in entity.type else "File" for entity in entities}
    slot = crate.add_formal_parameter(
        name,
        sorted(types) if len(types) > 1 else types.pop(),
        identifier=f"#{kind}-{name}",
        properties={"workExample": [{"@id": entity.id} for entity in entities]},
    )
    for entity in entities:
        entity["exampleOfWork"] = slot
    return slot


def _add_facts(crate: ROCrate, kind: str, facts: Mapping[str, Any]) -> list[ContextEntity]:
    """Add named values."""
    return [
        _add(
            crate,
            f"#{kind}-{name.replace(' ', '-')}",
            "PropertyValue",
            propertyID=name,
            name=name,
            value=value,
        )
        for name, value in facts.items()
    ]


def _add(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> ContextEntity:
    """Add an entity that is no file."""
    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))


def _plain(content: Any) -> Any:
    """Return JSON-LD without lists of one, the graph itself excepted."""
    if isinstance(content, Mapping):
        return {
            key: [_plain(entity) for entity in value] if key == "@graph" else _plain(value)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return _plain(content[0]) if len(content) == 1 else [_plain(item) for item in content]
    return content
