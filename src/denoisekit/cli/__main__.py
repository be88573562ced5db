"""Run the command as ``python -m denoisekit.cli``."""

from denoisekit.cli import app

app(prog_name="denoisekit")
