"""Snakemake's records of results, without which it cannot tell what has changed since."""

import base64
import binascii
from pathlib import Path

_RECORDS = Path(".snakemake/metadata")


def lost_sentences(results: Path) -> list[str]:
    """Say so if a study has results, but Snakemake has no record of any in the working directory.

    It remembers there by what code and settings each file was made. Without these records it goes
    by dates alone, and calls finished what another code or other settings made.

    Parameters
    ----------
    results
        The study's folder, from the working directory.
    """
    if not any(results.glob("registered/*/pairs.tsv")):
        return []
    path = f"{results.as_posix()}/".encode()
    if any(_starts_with(record.name, path) for record in _RECORDS.glob("*")):
        return []
    return [
        f"{results} was copied without Snakemake's records, or they were deleted: what has changed "
        "since in settings, code or images is not noticed, and stays as it was. Bring "
        f"{_RECORDS} along, or compute all anew with --forceall."
    ]


def _starts_with(record: str, path: bytes) -> bool:
    """Say whether a record is of a file below a path: it is called by that file in base 64."""
    # Long names are folders that begin so, after a sign. Three bytes are four letters.
    letters = record.removeprefix("@")[: -(-len(path) // 3) * 4]
    try:
        return base64.urlsafe_b64decode(letters).startswith(path)
    except binascii.Error:
        return False
