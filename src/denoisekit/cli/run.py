"""``denoisekit run``: run a study, and end with its page and verdicts or with what failed."""

import importlib.util
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from denoisekit.cli import _show
from denoisekit.cli._options import CoresOption
from denoisekit.errors import InputError

EXAMPLES = """\b
Examples:
  denoisekit run config/mine.yaml
  denoisekit run config/mine.yaml --cores 4
  denoisekit run config/real-sample.yaml
"""
_STEPS = re.compile(r"(\d+) of (\d+) steps \(")
_JOB = re.compile(r"^Job \d+: (.+?)\.?$")
_WARNING = "warning: "
_LABEL = re.compile(r"^\[([a-z_0-9]+ [^\]]+)\] (.+)$")
# Snakemake says what stopped it before any job in its last lines.
_LAST = 15


def run(
    study: Annotated[Path, typer.Argument(help="A study, a YAML file, or one that comes along.")],
    cores: CoresOption = "all",
) -> None:
    """Run a study: all that is not there yet, or is not current.

    The study's file is checked first. A terminal shows how far the run is, a pipe a line now and
    then; Snakemake's own log is below .snakemake/log. Interrupted, the same command goes on.
    """
    from denoisekit.cli.check import check_file
    from denoisekit.study import ending
    from denoisekit.study.shipped import find_study

    study = find_study(study)
    command = snakemake_command(study, cores)
    content = check_file(study)
    print(f"{study} is sound.", flush=True)
    results = Path("results", content["study"])
    if any("network" in method for method in content["methods"].values()):
        from denoisekit import computing

        precision = content["training"]["precision"]
        print(f"Training on: {computing.describe(precision)}.", file=sys.stderr, flush=True)
    began = time.time()
    try:
        code, log = _follow(command)
    except BaseException:
        _tell_unfinished(results, began)
        raise
    if code == 0:
        print("\n".join(ending.succeeded(results)))
        return
    _tell_unfinished(results, began)
    said = ending.failed_by("\n".join(log)) or list(log)[-_LAST:]
    print("\n".join(said), file=sys.stderr)
    raise typer.Exit(1)


def _tell_unfinished(results: Path, began: float) -> None:
    """Say where a page lies of what is there so far, if the run that just ended left one."""
    from denoisekit.study.unfinished import NAME

    page = results / NAME
    if page.is_file() and page.stat().st_mtime >= began:
        print(f"What is there so far: {page}", file=sys.stderr)


def snakemake_command(study: Path, cores: str) -> list[str]:
    """Return what starts Snakemake; an InputError where it is not installed."""
    from denoisekit.study.shipped import SHIPPED

    if importlib.util.find_spec("snakemake") is None:
        raise InputError(
            "denoisekit run needs Snakemake, which is not installed; install it with "
            "'pip install \"denoisekit[workflow]\"'."
        )
    return [
        # Not what lies in the folder of a study, such as a yaml.py: -P.
        *(sys.executable, "-P", "-m", "snakemake"),
        *("--snakefile", str(SHIPPED / "Snakefile")),
        *("--workflow-profile", str(SHIPPED / "profiles" / "default")),
        *("--configfile", str(study), "--cores", cores),
    ]


def _follow(command: Sequence[str]) -> tuple[int, Sequence[str]]:
    """Run a command, show how far it is, and return its exit code and what it wrote."""
    log: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        try:
            with _show.progress() as tell:
                _tell_each(process.stderr or (), log, tell)
            return process.wait(), log
        except BaseException:
            process.terminate()
            raise


def _tell_each(lines: Iterable[str], log: list[str], tell: _show.Progress) -> None:
    """Keep lines, and tell of the jobs that are done, of the step and what it says of itself.

    What jobs warn of is printed, and stays.
    """
    done, total, doing = 0, 1, "Starting"
    for line in lines:
        log.append(line.rstrip("\n"))
        if counted := _STEPS.search(line):
            done, total = map(int, counted.groups())
        elif began := _JOB.match(log[-1]):
            doing = began[1]
        elif (labelled := _LABEL.match(log[-1])) and labelled[2].lower().startswith(_WARNING):
            print(f"Warning: {labelled[2][len(_WARNING) :]}", file=sys.stderr, flush=True)
            continue
        elif labelled:
            doing = f"{labelled[1]}: {labelled[2]}"
        else:
            continue
        tell(doing, done, total)
