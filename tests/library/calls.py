"""Commands as a user calls them."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from multiprocessing import forkserver
from pathlib import Path

_LONGEST = 900


def call(words, *, folder, succeeds=True):
    """Run a command in a folder, see that it succeeds (or does not), return what it printed."""
    forked = words[:3] == [sys.executable, "-m", "snakemake"]
    code, said = (_fork if forked else _start)(words, folder)
    assert (code == 0) == succeeds, said[-6000:]
    return said


def _start(words, folder):
    done = subprocess.run(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    return done.returncode, done.stdout


def _fork(words, folder):
    # Not above: a process that is started imports this file, and then its own folder's library.
    from denoisekit.study import starting

    # Snakemake takes seconds to import, and tests start it hundreds of times: each start, and each
    # of its jobs, is forked off one process.
    starts = starting.context("snakemake_executor_plugin_slurm")
    with tempfile.NamedTemporaryFile() as said:
        told = words[3:], str(folder), dict(os.environ), said.name, _own_path()
        process = starts.Process(target=_snakemake, args=told)
        process.start()
        process.join(_LONGEST)
        if process.exitcode is None:
            process.kill()
            process.join()
        return process.exitcode, Path(said.name).read_text(encoding="utf-8")


@functools.cache
def _own_path():
    """Return where Python itself looks for modules, without what tests add."""
    code = "import json, sys; print(json.dumps(sys.path[1:]))"
    apart = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return json.loads(subprocess.check_output([sys.executable, "-c", code], env=apart, text=True))


def _snakemake(arguments, folder, environment, said, path):
    """Be ``python -m snakemake`` with these arguments, in a folder and an environment."""
    with open(said, "ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    given = [place for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.path[:] = [folder, *given, *path]
    assert "denoisekit" not in sys.modules
    # Processes take the one that they were forked off for gone, and would start another.
    forkserver._forkserver.ensure_running = lambda: None
    import snakemake.cli

    sys.argv = [str(Path(snakemake.__file__).with_name("__main__.py")), *arguments]
    sys.exit(snakemake.cli.main(arguments))
