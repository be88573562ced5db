"""``denoisekit bundle``: what a study found, as one file to send round."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated
from urllib.parse import unquote

import typer

from denoisekit.errors import InputError

EXAMPLES = """\b
Examples:
  denoisekit bundle results/quickstart
  denoisekit bundle results/quickstart ours.zip
"""
_RECORD = "ro-crate-metadata.json"
_WHOLE = ("report.html", "verdict.txt", "methods.md", "references.bib", "settings.yaml")
_FOLDERS = ("tables", "figures")
_README = """What a study of denoisekit found.

report.html is the page to read; verdict.txt says which method to use. tables/ and figures/ hold
what the page shows, methods.md and references.bib the methods in words and what they cite,
settings.yaml the study, models/ the cards of its networks, {record} where all comes from.

Images and weights are not part of it: links of the page to restored/, models/, code/ and tables.zip
lead nowhere here.
"""


def bundle(
    results: Annotated[
        Path, typer.Argument(metavar="DIR", help="The results of a study, such as results/mine.")
    ],
    output: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="What to write; the study's name with .zip if not given."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that file.")] = False,
) -> None:
    """Pack page, tables, figures, cards, settings and methods of a study: no images, no weights.

    Every file must be as the run left it. The same results give the same bytes.
    """
    from denoisekit import archives
    from denoisekit.files import check_writable

    record = results / _RECORD
    if not record.is_file():
        raise InputError(
            f"{results} has no {_RECORD}, and thus no finished study; name a folder such as "
            "results/quickstart, after its run."
        )
    target = output or Path(f"{results.resolve().name}.zip")
    if target.exists() and not overwrite:
        raise InputError(f"{target} is there already; give another name, or --overwrite.")
    check_writable(target.parent)
    contents = {name: _as_left(results, name, digest) for name, digest in _listed(record)}
    if "report.html" not in contents:
        raise InputError(f"{record} lists no report.html; run the study again.")
    contents |= {
        _RECORD: record.read_bytes(),
        "README.txt": _README.format(record=_RECORD).encode(),
    }
    archives.pack(target, contents)
    print(f"{results} -> {target} ({len(contents)} files)")


def _listed(record: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a study that are told, with the sha256 that its record has of each."""
    from denoisekit.files import read_json

    try:
        entries = read_json(record)["@graph"]
        told = [
            (unquote(str(each["@id"])), str(each["sha256"])) for each in entries if "sha256" in each
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{record} is damaged; run the study again, which writes it anew."
        ) from error
    for name, digest in told:
        path = PurePosixPath(name)
        inside = not path.is_absolute() and ".." not in path.parts
        if inside and (name in _WHOLE or path.parts[0] in _FOLDERS or path.name == "card.json"):
            yield name, digest


def _as_left(results: Path, name: str, digest: str) -> bytes:
    """Read a file, which must have the sha256 of the record."""
    import hashlib

    path = results / name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise InputError(
            f"{path} is not what the run left: it is missing, or was changed; run the study again."
        )
    return content
