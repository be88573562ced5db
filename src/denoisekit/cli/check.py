"""``denoisekit check``: what a run would say of a study's file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from denoisekit.errors import InputError

EXAMPLES = """\b
Examples:
  denoisekit check study.yaml
  denoisekit check study.yaml --no-pixels
"""


_TEMPLATES = "__use_yte__"


def check(
    study: Annotated[Path, typer.Argument(help="A study, a YAML file.")],
    pixels: Annotated[
        bool,
        typer.Option(
            help="Also read every image: judge the pairs, tell the noise, leave a page of pictures "
            "(results/STUDY/before.html), and estimate what the run will take."
        ),
    ] = True,
) -> None:
    """Check a study's file, and say in one sentence, with the line, what is amiss.

    A run says the same, but for what Snakemake stumbles over before it: a missing file, another
    encoding than UTF-8, tabs, and colons in text. Then its images are looked at, as far as they are
    there: which pairs one may doubt, what the noise is like, and how long the run will take.
    """
    from denoisekit.study.design import Study

    content = check_file(study)
    print(f"{study} is sound.")
    if pixels:
        from denoisekit.cli import _before

        _before.look(Study(content))


def check_file(study: Path) -> Mapping[str, Any]:
    """Return what a study's file holds, with the paths of what comes with denoisekit.

    Raises
    ------
    InputError
        If a run could not be planned by it.
    """
    from denoisekit import yaml_files
    from denoisekit.study import check as checking
    from denoisekit.study import outside
    from denoisekit.study.shipped import SHIPPED, find_shipped, find_study, schemas

    file = find_study(study)
    content = yaml_files.read_yaml(file)
    if isinstance(content, dict) and _TEMPLATES in content:
        raise InputError(
            f"{study} has the key {_TEMPLATES}, with which Snakemake runs what the file holds as a "
            "program before anything is checked; take it out, and write values as they are."
        )
    try:
        checking.check(content, schemas=schemas(), file=str(file))
        content = find_shipped(content, checkout=SHIPPED)
        outside.check_files(content, checkout=SHIPPED, file=str(file))
    except InputError as error:
        raise InputError(yaml_files.with_line(str(error), file)) from error
    return content
