"""Run the command as ``python -m denoisekit``."""

from denoisekit.cli import app

if __name__ == "__main__":
    app(prog_name="denoisekit")
