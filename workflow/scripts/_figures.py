"""Save a figure."""

from typing import Any

from matplotlib.figure import Figure

from denoisekit import files


def save(figure: Figure, output: Any) -> None:
    """Write a figure as PNG and as PDF, without the date, so that it can be compared."""
    with files.replacing(output.png) as temporary:
        figure.savefig(temporary, dpi=150)
    with files.replacing(output.pdf) as temporary:
        figure.savefig(temporary, dpi=200, metadata={"CreationDate": None})
