"""The command ``denoisekit``: the library for who has images and no script.

It stands on top of the whole library, and nothing of the library imports it. Each command imports
what it needs when it is called, so that ``--help`` is quick.
"""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import denoisekit
from denoisekit.cli import (
    audit,
    check,
    check_pairs,
    denoise,
    export,
    models,
    noise_card,
    submission,
)
from denoisekit.errors import InputError, storage_sentence


class _Commands(TyperGroup):
    """Commands that end a user's mistake, or a full disk, with one sentence and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            sentence = str(error)
        except OSError as error:
            found = storage_sentence(error, output="A file")
            if found is None:
                raise
            sentence = found
        print(f"Error: {sentence}", file=sys.stderr)
        raise typer.Exit(1)


app = typer.Typer(
    name="denoisekit",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is done, 1 a mistake in what was given, 2 a wrong call.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(denoisekit.__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Denoise microscope images, and look into what networks and tables are made of."""


for _name, _command, _epilog in (
    ("denoise", denoise.denoise, denoise.EXAMPLES),
    ("noise-card", noise_card.noise_card, noise_card.EXAMPLES),
    ("check", check.check, check.EXAMPLES),
    ("check-pairs", check_pairs.check_pairs, check_pairs.EXAMPLES),
    ("audit", audit.audit, audit.EXAMPLES),
    ("models", models.models, models.EXAMPLES),
    ("export", export.export, export.EXAMPLES),
    ("submission", submission.submission, submission.EXAMPLES),
):
    app.command(_name, epilog=_epilog)(_command)
