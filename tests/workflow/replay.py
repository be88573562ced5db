"""Run jobs of a finished study again, each in a process of its own, with one file of code changed.

Called with a JSON file, it writes what came of every run beside it. What the jobs import from
elsewhere is imported once, before the processes fork.
"""

import ast
import importlib
import json
import os
import pickle
import runpy
import shutil
import signal
import sys
import time
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path

PRELOADED = (
    *("jinja2", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf", "pandas"),
    *("safetensors.torch", "scipy.ndimage", "scipy.optimize", "scipy.stats", "skimage.metrics"),
    *("skimage.registration", "statsmodels.stats.multitest", "tifffile", "torch.optim", "yaml"),
)
# How long a job took, and when it ended, differ from run to run.
SECONDS = {"card.json", "history.tsv"}


def load_job(script):
    """Return the `snakemake` of a script that Snakemake kept, as the job had it."""
    for node in ast.walk(ast.parse(Path(script).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pickle.loads":
            return pickle.loads(node.args[0].value)
    raise ValueError(f"{script} holds no job")


def main(file):
    told = json.loads(Path(file).read_text(encoding="utf-8"))
    for name in PRELOADED:
        importlib.import_module(name)
    # The jobs as they are, which tell what else there is to import.
    first = run_all(told, [{"job": job} for job in told["jobs"]])
    for name in sorted({name for each in first for name in each.pop("imported", ())}):
        try:
            importlib.import_module(name)
        except Exception:
            continue
    found = {"unchanged": first, "changed": run_all(told, told["runs"])}
    Path(file).with_name("found.json").write_text(json.dumps(found), encoding="utf-8")


def run_all(told, runs):
    """Run so many at a time as there are processes, and return what came of each."""
    numbers, found = {}, [None] * len(runs)
    for number, run in enumerate(runs):
        if len(numbers) == told["processes"]:
            wait(told, numbers, found)
        if (process := os.fork()) == 0:
            try:
                work(told, run, Path(told["scratch"], str(number)))
            finally:
                os._exit(0)
        numbers[process] = number
    while numbers:
        wait(told, numbers, found)
    return found


def wait(told, numbers, found):
    """Wait for one process, and read what it tells; one that was too slow tells nothing."""
    number = numbers.pop(os.wait()[0])
    scratch = Path(told["scratch"], str(number))
    try:
        found[number] = json.loads((scratch / "told.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found[number] = {"outcome": "slow"}
    shutil.rmtree(scratch, ignore_errors=True)


def work(told, run, scratch):
    signal.alarm(told["seconds"])
    began, before = time.monotonic(), set(sys.modules)
    scratch.mkdir(parents=True)
    code, folder = Path(told["code"]), Path(told["folder"])
    job = load_job(run["job"])
    script = code / f"workflow/scripts/{job.rule}.py"
    try:
        set_out(job, folder, scratch)
        os.chdir(scratch)
        sys.path[:0] = [str(code / "workflow/scripts"), str(code / "src")]
        if run.get("file"):
            change(code / run["file"], run["text"])
        runpy.run_path(str(script), init_globals={"snakemake": job}, run_name="__main__")
        words = differing(job, folder, scratch)
        outcome = "different" if words else "same"
    except BaseException as error:
        words = traceback.format_exc()
        outcome = "not importable" if stopped_importing(error, code, script) else "failed"
    own = {"denoisekit", *(path.stem for path in (code / "workflow/scripts").glob("*.py"))}
    imported = [name for name in set(sys.modules) - before if name.partition(".")[0] not in own]
    content = {"outcome": outcome, "words": words[-2000:], "seconds": time.monotonic() - began}
    if not run.get("file"):
        content["imported"] = imported
    (scratch / "told.json").write_text(json.dumps(content), encoding="utf-8")


def stopped_importing(error, code, script):
    """Tell whether a module of the code, other than the script, failed while it was imported."""
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            path = Path(frame.f_code.co_filename)
            if frame.f_code.co_name == "<module>" and path.is_relative_to(code) and path != script:
                return True
        error = error.__context__
    return False


def set_out(job, folder, scratch):
    """Link a job's inputs, and make the folders of its outputs."""
    benchmarks = [path.relative_to(folder) for path in folder.glob("results/*/benchmarks")]
    for path in sorted({*map(str, job.input), *map(str, benchmarks)}):
        place = scratch / path
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(folder / path)
    for path in (*job.output, *job.log):
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)


def change(path, text):
    """Have another text compiled wherever a file is imported."""
    as_it_is = SourceFileLoader.get_code

    def get_code(self, name):
        if self.path == str(path):
            return compile(text, self.path, "exec", dont_inherit=True)
        return as_it_is(self, name)

    SourceFileLoader.get_code = get_code


def differing(job, folder, scratch):
    """Return the names of the outputs that are not the same bytes as those of the study."""
    names = set()
    for output in map(str, job.output):
        for base in (folder, scratch):
            path = base / output
            files = path.rglob("*") if path.is_dir() else [path]
            names.update(str(f.relative_to(base)) for f in files if f.is_file() or f == path)
    return " ".join(
        name
        for name in sorted(names)
        if not Path(name).name.startswith(".") and content(folder / name) != content(scratch / name)
    )


def content(path):
    """Return a file's bytes, without the seconds that a training took."""
    if path.is_dir() or not path.exists():
        return path.exists()
    if path.name not in SECONDS:
        return path.read_bytes()
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".tsv":
        return [line.rpartition("\t")[0] for line in text.splitlines()]
    return {key: value for key, value in json.loads(text).items() if key != "seconds"}


if __name__ == "__main__":
    main(sys.argv[1])
