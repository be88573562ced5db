"""Install the workflow, its studies and its environments with the library, so that it runs them."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("config", "envs", "profiles", "workflow")


class BuildWithWorkflow(build_py):
    """Copy what the workflow is made of into the package that is built, and nowhere else."""

    def run(self):
        """Build the package; one that is installed in place takes all from its checkout."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, "denoisekit", "shipped")
        shutil.rmtree(target, ignore_errors=True)
        for folder in SHIPPED:
            shutil.copytree(
                folder, target / folder, ignore=shutil.ignore_patterns("__pycache__", "*.py[cod]")
            )
        shutil.copy("Snakefile", target)


setup(cmdclass={"build_py": BuildWithWorkflow})
