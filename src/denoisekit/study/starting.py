"""Start the scripts of jobs off one process that has imported other packages for all of them.

A job of seconds spends one or two of them on importing torch, pandas or SciPy.
"""

import json
import multiprocessing
import multiprocessing.connection
import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from multiprocessing import forkserver, reduction
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

#: What jobs import of others most. The library is imported by each job anew: it may be edited.
MODULES = (
    *("snakemake.cli", "jinja2", "pandas", "psutil", "tifffile", "yaml"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf"),
    *("safetensors.torch", "torch.nn.functional", "torch.optim"),
    *("scipy.ndimage", "scipy.optimize", "scipy.special", "scipy.stats"),
    *("skimage.measure", "skimage.metrics", "skimage.registration", "skimage.restoration"),
    "statsmodels.stats.multitest",
)
# What libraries of linear algebra take the number of their threads from, as Snakemake sets them.
_THREADS = (
    *("OMP_NUM_THREADS", "GOTO_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"),
)


def possible() -> bool:
    """Whether processes can be forked here: not on Windows, and on macOS not safely."""
    return sys.platform == "linux"


def context(*modules: str) -> ForkServerContext:
    """Start the process that processes are forked off, unless it runs, and return its context.

    It has imported `MODULES`, and others that are named. NumPy multiplies in one thread there: it
    asks once how many there are, and with others the last digits of products differ.
    """
    found = multiprocessing.get_context("forkserver")
    if multiprocessing.parent_process():
        # This process was forked off one.
        return found
    found.set_forkserver_preload([*MODULES, *modules])
    before = dict(os.environ)
    # Python looks for modules in its folder, too, unless told not to: a study's may hold a yaml.py.
    os.environ.update(dict.fromkeys(_THREADS, "1"), PYTHONSAFEPATH="1")
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return found


class Starter:
    """Fork processes for scripts off one that has imported `MODULES`, in which no other code ran.

    A script runs as ``python script`` does, in this process's folder, environment and Python, with
    modules of the library imported anew. Only its random seed of hashes is that of the process that
    it is forked off, and NumPy multiplies in one thread.
    """

    def __init__(self) -> None:
        self._context = context()
        self._path = _own_path()
        # A process that ended is looked for at each start, too: one reader of its code at a time.
        self._lock = threading.Lock()

    def run(
        self,
        script: str,
        *,
        threads: int,
        environment: Mapping[str, str],
        watch: Callable[[int | None], AbstractContextManager[object]],
    ) -> int:
        """Run a script to its end, and return its exit status; below zero, its signal.

        Parameters
        ----------
        script
            Its path.
        threads
            How many it may compute with.
        environment
            Variables that it has beside those of this process.
        watch
            Called with the number of its process, before it begins, for what is entered until it
            ends: of one that is done nothing can be measured any more.

        Raises
        ------
        OSError
            If no process can be started.
        """
        given = {**os.environ, **dict.fromkeys(_THREADS, str(threads)), **environment}
        waits, begins = multiprocessing.connection.Pipe(duplex=False)
        with waits, begins:
            told = (script, threads, os.getcwd(), given, self._path, _Printed(), waits)
            process = self._context.Process(target=_run, args=told)
            with self._lock:
                process.start()
            with watch(process.pid):
                begins.send(None)
                multiprocessing.connection.wait([process.sentinel])
        with self._lock:
            # Of a process that nothing is known of any more, not that it succeeded.
            return 255 if process.exitcode is None else process.exitcode


def _own_path() -> list[str]:
    """Return where a script looks for modules after its own folder."""
    code = "import json, sys; print(json.dumps(sys.path[1:]))"
    return json.loads(subprocess.check_output([sys.executable, "-c", code], text=True))


class _Printed:
    """Where this process prints to; in a process that is started with it, there is printed, too."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Any, Any]]:
        return _print_there, (reduction.DupFd(1), reduction.DupFd(2))


def _print_there(*places: Any) -> None:
    for stream, place in enumerate(places, start=1):
        os.dup2(place.detach(), stream)


def _run(
    script: str,
    threads: int,
    folder: str,
    environment: dict[str, str],
    path: list[str],
    printed: None,
    begins: multiprocessing.connection.Connection,
) -> None:
    try:
        begins.recv()
    except EOFError:
        # Who started it has ended.
        return
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # This file's own package, found where Snakemake has it.
    for name in [name for name in sys.modules if name.partition(".")[0] == "denoisekit"]:
        del sys.modules[name]
    sys.path[:] = [str(Path(script).resolve().parent), *path]
    sys.argv[:] = [script]
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)
    runpy.run_path(script, run_name="__main__")
