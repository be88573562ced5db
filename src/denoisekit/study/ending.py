"""What a run ends with: the page and its verdicts, or what the jobs that failed say."""

import re
from collections.abc import Iterable
from pathlib import Path

_LOG = re.compile(r"^ +log: (.+) \(check log file\(s\) for error details\)$", re.MULTILINE)
_SENTENCE = "Error: "


def succeeded(results: Path) -> list[str]:
    """Return where a study's page lies, and its verdicts; nothing of a page that is not current.

    Parameters
    ----------
    results
        The study's folder of results.
    """
    page, verdict = results / "report.html", results / "verdict.txt"
    if not (page.is_file() and verdict.is_file()):
        return []
    made = page.stat().st_mtime_ns
    if any(table.stat().st_mtime_ns > made for table in (results / "tables").glob("*.tsv")):
        return [f"{page} is older than the tables; run the whole study for its verdicts."]
    lines = verdict.read_text(encoding="utf-8").splitlines()
    return ["Which method?", *(f"  {line}" for line in lines), f"The page: {page}"]


def failed(logs: Iterable[Path]) -> list[str]:
    """Return what jobs that failed say, each sentence once, in the order in which they failed.

    Parameters
    ----------
    logs
        What Snakemake wrote, which names the logs of these jobs.
    """
    return failed_by("\n".join(map(_read, logs)))


def failed_by(log: str) -> list[str]:
    """Return what jobs that failed say, as `failed` does, by the text of Snakemake's log."""
    said: dict[str, None] = {}
    for named in _LOG.findall(log):
        for path in map(Path, named.split(", ")):
            said |= dict.fromkeys(_sentences(path))
    return list(said)


def _sentences(path: Path) -> list[str]:
    """Return the sentences of a job's log, or where to look where it has none."""
    if not path.is_file():
        return []
    lines = _read(path).splitlines()
    found = [line for line in lines if line.startswith(_SENTENCE)]
    return found or [f"{_SENTENCE}a job failed, and {path} says how."]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
