"""Write the page and what lies beside it."""

from typing import Any

from denoisekit import report
from denoisekit.files import write_text


def write(results: report.Results, outputs: Any) -> None:
    """Write the page, its verdicts, and the methods in words with what they cite."""
    methods = report.methods(results)
    write_text(outputs.page, report.render(results))
    write_text(outputs.verdict, "".join(f"{line}\n" for line in report.verdicts(results)))
    write_text(outputs.methods, methods.text(title=results.config["title"]))
    write_text(outputs.references, report.bibliography(methods.used))
