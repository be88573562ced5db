"""What a run ends with: the page and its verdicts, or what the jobs that failed say."""

import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import LESS_MEMORY, system_sentence

# The signal that ended a job, which Snakemake tells just before the job's logs; and these.
_LOG = re.compile(
    r"died with <Signals\.(?P<signal>SIG\w+)"
    r"|^ +log: (?P<logs>.+) \(check log file\(s\) for error details\)$",
    re.MULTILINE,
)
# What Snakemake says where it cannot write a file of its own, such as how long a job took.
_STORAGE = re.compile(r"^OSError: \[Errno (\d+)\] (.+?)(?:: '(.+)')?$", re.MULTILINE)
_SENTENCE = "Error: "
_WHY = {"SIGKILL": f", as systems do where memory is short: {LESS_MEMORY}"}


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
    storage = _of_storage(log)
    said: dict[str, None] = {}
    signal = None
    for found in _LOG.finditer(log):
        if found["signal"]:
            signal = found["signal"]
            continue
        for path in filter(Path.is_file, map(Path, found["logs"].split(", "))):
            where = f"a job failed, and {path} says how."
            if signal:
                where = f"a job was ended by {signal}{_WHY.get(signal, '')}; its log is {path}."
            said |= dict.fromkeys(_sentences(path) or storage or [f"{_SENTENCE}{where}"])
        signal = None
    return list(said | dict.fromkeys(storage))


def _sentences(path: Path) -> list[str]:
    """Return the sentences of a job's log."""
    return [line for line in _read(path).splitlines() if line.startswith(_SENTENCE)]


def _of_storage(log: str) -> list[str]:
    """Return a sentence for each file of its own that Snakemake could not write or read."""
    errors = (
        OSError(int(number), reason, name or None) for number, reason, name in _STORAGE.findall(log)
    )
    sentences = (system_sentence(error, output="A file of the run") for error in errors)
    return [f"{_SENTENCE}{sentence}" for sentence in sentences if sentence]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
