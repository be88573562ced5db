"""Snakemake's records of results, without which it cannot tell what has changed since."""

import base64
import binascii
from pathlib import Path

_RECORDS = Path(".snakemake/metadata")


def lost_sentences(results: Path) -> list[str]:
    """Say so if a study has registered images of which Snakemake has no record here.

    It remembers in the working directory by what code and settings each file was made. Without
    that it goes by dates alone, and calls finished what another code or other settings made.

    Parameters
    ----------
    results
        The study's folder, from the working directory.
    """
    registered = {table.parent.as_posix() for table in results.glob("registered/*/pairs.tsv")}
    lost = sorted(registered - {_file_of(record.name) for record in _RECORDS.glob("*")})
    if not lost:
        return []
    return [
        f"{results} was copied without Snakemake's records, or they were deleted ({lost[0]} has "
        "none): what has changed since in settings, code or images is not noticed, and stays as it "
        f"was. Bring {_RECORDS} along, or compute all anew with --forceall."
    ]


def _file_of(record: str) -> str:
    """Return the file that a record is of, by which it is called in base 64; none of long names."""
    try:
        return base64.urlsafe_b64decode(record).decode(errors="replace")
    except binascii.Error:
        return ""
