"""Commands as a user calls them."""

import contextlib
import functools
import json
import multiprocessing
import multiprocessing.connection
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

# Snakemake takes seconds to import, and so does what its jobs import of other packages. Tests start
# both thousands of times: one process imports all that, and each start is forked off that one. What
# is the project's own is imported by each job anew.
_STARTS = multiprocessing.get_context("forkserver")
_STARTS.set_forkserver_preload(
    [
        *("snakemake.cli", "snakemake_executor_plugin_slurm", "jinja2", "pandas", "psutil", "yaml"),
        *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf"),
        *("safetensors.torch", "scipy.ndimage", "scipy.optimize", "scipy.stats", "scipy.special"),
        *("skimage.metrics", "skimage.registration", "skimage.restoration", "skimage.measure"),
        *("statsmodels.stats.multitest", "tifffile", "torch.optim", "torch.nn.functional"),
    ]
)
_STARTING = threading.Lock()
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
    with tempfile.NamedTemporaryFile() as said:
        told = {"folder": str(folder), "environment": dict(os.environ), "said": said.name}
        told["path"] = _own_path()
        process = _STARTS.Process(target=_snakemake, args=(words[3:], told))
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


def _snakemake(arguments, told):
    """Be ``python -m snakemake`` with these arguments, in a folder and an environment."""
    _be_in(told, told["folder"])
    sys.path.append(str(Path(__file__).parent))  # A job is to find this file, to begin with.
    import snakemake.cli
    import snakemake.script

    started = snakemake.script.PythonScript.execute_script

    def execute_script(self, name, edit=False):
        """Fork a job off, unless it is to run in an environment of its own."""
        apart = self.conda_env or self.container_img or self.env_modules
        return started(self, name, edit) if apart else _run(self, name, told)

    snakemake.script.PythonScript.execute_script = execute_script
    sys.argv = [str(Path(snakemake.__file__).with_name("__main__.py")), *arguments]
    sys.exit(snakemake.cli.main(arguments))


def _run(script, name, told):
    """Run a job's script in a process of its own, as Snakemake's shell does."""
    from snakemake.benchmark import benchmarked

    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(threads, str(script.threads))}
    if temporary := script.resources.get("tmpdir"):
        environment |= dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), temporary)
    told = {**told, "folder": os.getcwd(), "environment": environment}
    process = _STARTS.Process(target=_job, args=(name, script.threads, told))
    # A process that ended is looked for at each start, too: one reader of its code at a time.
    with _STARTING:
        process.start()
    record = script.bench_record
    with benchmarked(process.pid, record) if record else contextlib.nullcontext():
        multiprocessing.connection.wait([process.sentinel])
    with _STARTING:
        code = process.exitcode
    if code:
        raise subprocess.CalledProcessError(code, f"{sys.executable} {name}")


def _job(name, threads, told):
    """Be ``python name``."""
    _be_in(told, str(Path(name).resolve().parent))
    import torch

    torch.set_num_threads(threads)
    sys.argv = [name]
    runpy.run_path(name, run_name="__main__")


def _be_in(told, first):
    """Take a folder, an environment, a place for what is printed and one where modules are."""
    with open(told["said"], "ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [first, *given, *told["path"]]
