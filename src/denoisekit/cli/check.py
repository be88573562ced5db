"""``denoisekit check``: what a run would say of a study's file."""

from pathlib import Path
from typing import Annotated

import typer

from denoisekit.errors import InputError

EXAMPLES = """\b
Examples:
  denoisekit check study.yaml
"""


_TEMPLATES = "__use_yte__"


def check(
    study: Annotated[Path, typer.Argument(help="A study, a YAML file.")],
) -> None:
    """Check a study's file, and say in one sentence, with the line, what is amiss.

    A run says the same, but for what Snakemake stumbles over before it: a missing file, another
    encoding than UTF-8, tabs, and colons in text. The keys are checked where denoisekit is a
    checkout, which has their schemas.
    """
    from denoisekit import yaml_files
    from denoisekit.study import check as checking
    from denoisekit.study import outside
    from denoisekit.study.shipped import CHECKOUT, schemas

    content, known = yaml_files.read_yaml(study), schemas()
    if isinstance(content, dict) and _TEMPLATES in content:
        raise InputError(
            f"{study} has the key {_TEMPLATES}, with which Snakemake runs what the file holds as a "
            "program before anything is checked; take it out, and write values as they are."
        )
    if known:
        checking.check(content, schemas=known, file=str(study))
        outside.check_files(content, checkout=CHECKOUT, file=str(study))
    print(f"{study} is sound." if known else f"{study} is sound YAML; its keys were not checked.")
