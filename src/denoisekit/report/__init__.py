"""Make the page that a person reads: one HTML file with its pictures inside.

Every statement on the page is computed from the tables; none is written by hand.
"""

from denoisekit.report.choosing import verdicts
from denoisekit.report.methods_text import methods
from denoisekit.report.page import render
from denoisekit.report.references import bibliography
from denoisekit.report.results import Results

__all__ = ["Results", "bibliography", "methods", "render", "verdicts"]
