"""``denoisekit quickstart``: run the small study that comes with denoisekit."""

from denoisekit.cli._options import CoresOption
from denoisekit.cli.run import run

EXAMPLES = """\b
Example:
  denoisekit quickstart --cores 2
"""


def quickstart(cores: CoresOption = "all") -> None:
    """Run the small study on simulated images, in the folder that the command is called in.

    It needs no images and no network, and takes about 12 minutes on 2 cores. Its page is
    results/quickstart/report.html.
    """
    from denoisekit.study.shipped import SHIPPED

    run(SHIPPED / "config" / "quickstart.yaml", cores)
