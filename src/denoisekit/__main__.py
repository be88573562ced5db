"""Run the command as ``python -m denoisekit``."""

from denoisekit.cli import app

app(prog_name="denoisekit")
