"""``denoisekit page``: where a study's page is, or a page of what is there so far."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from denoisekit.errors import InputError

EXAMPLES = """\b
Examples:
  denoisekit page config/mine.yaml
  denoisekit page config/quickstart.yaml
"""
# Snakemake says what stopped it in its last lines.
_LAST = 15


def page(
    study: Annotated[Path, typer.Argument(help="A study, a YAML file, or one that comes along.")],
) -> None:
    """Say where a study's page is or, of an unfinished one, write a page of what is there so far.

    That is results/STUDY/unfinished.html: networks that are trained, scores and images, of what is
    current only. It may be written while the study runs, changes nothing of it, and is taken away
    when the study's own page is there.
    """
    from denoisekit.cli.check import check_file
    from denoisekit.cli.run import snakemake_command
    from denoisekit.study import ending, unfinished
    from denoisekit.study.design import Study
    from denoisekit.study.shipped import find_study

    study = find_study(study)
    content = check_file(study)
    command = [*snakemake_command(study, "1"), "--summary"]
    asked = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if asked.returncode:
        said = "\n".join(asked.stderr.splitlines()[-_LAST:])
        raise InputError(f"Snakemake cannot tell what is there of {study}:\n{said}")
    results = Path("results", content["study"])
    current = unfinished.parse_summary(asked.stdout)
    if unfinished.is_whole(results, current):
        print("\n".join(ending.succeeded(results)))
    else:
        print("\n".join(unfinished.write(Study(content), results, current)))
