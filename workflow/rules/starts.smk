"""Fork jobs off one process that has imported what they need, where many of them run here."""

import multiprocessing
import subprocess

from snakemake.benchmark import benchmarked
from snakemake.logging import logger
from snakemake.script import PythonScript

from denoisekit.study import starting

# With fewer, the imports of the one process take longer than theirs.
FEWEST = 8


def fork_jobs():
    """Start the scripts of a run's jobs by forking, but for those in environments of their own."""
    planned = len(list(workflow.dag.needrun_jobs()))
    # A Snakemake that was itself forked off such a process forks off it, too.
    worth = planned >= FEWEST or multiprocessing.parent_process()
    if not (workflow.local_exec and starting.possible() and worth):
        return
    logger.debug(f"The scripts of {planned} jobs are forked off one process.")
    starter, ordinary = starting.Starter(), PythonScript.execute_script

    def execute_script(script, name, edit=False):
        """Run a job's script as Snakemake does, which knows its process for the benchmark."""
        elsewhere = script.conda_env or script.container_img or script.env_modules
        if elsewhere or script.resources.get("shell_exec"):
            return ordinary(script, name, edit)
        names = ("TMPDIR", "TMP", "TEMPDIR", "TEMP") if script.resources.get("tmpdir") else ()
        environment = dict.fromkeys(names, script.resources.get("tmpdir"))
        record = script.bench_record
        status = starter.run(
            name,
            threads=script.threads,
            environment=environment,
            watch=lambda pid: benchmarked(pid if record else False, record),
        )
        if status:
            raise subprocess.CalledProcessError(status, f"{sys.executable} {name}")

    PythonScript.execute_script = execute_script
