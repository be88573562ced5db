"""Scripts that are forked off a process which has imported other packages for them."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext

import psutil
import pytest

from denoisekit.study import starting

pytestmark = pytest.mark.skipif(not starting.possible(), reason="nothing is forked here")

TELLS = """
import json, os, sys, torch
import beside
told = [__name__, __file__, sys.argv, os.getcwd()]
told += [os.environ[name] for name in ("TMPDIR", "OMP_NUM_THREADS")]
told += [torch.get_num_threads(), sorted(n for n in sys.modules if n.startswith("denoisekit"))]
json.dump([*told, sys.path[0], beside.__file__], open("told.json", "w"))
"""


@pytest.fixture(scope="module")
def starter():
    return starting.Starter()


@pytest.fixture
def run(starter, tmp_path, monkeypatch):
    """Run the text of a script in a folder of its own, and return its status."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").mkdir()

    def run(text, *, threads=1, watch=nullcontext):
        (tmp_path / "scripts/count.py").write_text(text, encoding="utf-8")
        environment = {"TMPDIR": str(tmp_path)}
        return starter.run(
            "scripts/count.py", threads=threads, environment=environment, watch=watch
        )

    return run


@pytest.mark.parametrize("threads", [1, 3])
def test_a_script_is_run_as_python_runs_it(run, tmp_path, threads):
    (tmp_path / "scripts/beside.py").write_text("")
    assert run(TELLS, threads=threads) == 0
    place = str(tmp_path / "scripts")
    assert json.loads((tmp_path / "told.json").read_text()) == [
        *["__main__", "scripts/count.py", ["scripts/count.py"], str(tmp_path), str(tmp_path)],
        *[str(threads), threads, [], place, f"{place}/beside.py"],
    ]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("import sys; sys.exit(3)", 3),
        ("raise ValueError('no such number')", 1),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
    ],
)
def test_how_a_script_ended_is_told(run, text, status):
    assert run(text) == status


def test_a_script_begins_when_it_is_watched_however_long_that_takes(run, tmp_path):
    @contextmanager
    def late(pid):
        time.sleep(1)
        assert not (tmp_path / "began").exists()
        assert psutil.Process(pid).is_running()
        yield

    assert run("open('began', 'w').close()", watch=late) == 0
    assert (tmp_path / "began").exists()


def test_a_script_that_cannot_be_watched_does_not_begin(run, tmp_path):
    seen = []

    def fails(pid):
        seen.append(psutil.Process(pid))
        raise OSError("too many files are open")

    with pytest.raises(OSError, match="too many"):
        run("open('began', 'w').close()", watch=fails)
    psutil.wait_procs(seen, timeout=30)
    assert not (tmp_path / "began").exists()


def test_what_a_script_prints_goes_where_this_process_prints(run, capfd):
    assert run("import sys; print('a line'); print('another', file=sys.stderr)") == 0
    assert capfd.readouterr() == ("a line\n", "another\n")


def test_nothing_of_one_script_is_left_to_the_next(run):
    assert run("import sys, torch; sys.modules['torch'].LEFT = 1; torch.manual_seed(4)") == 0
    assert (
        run("import torch; assert not hasattr(torch, 'LEFT'); assert torch.initial_seed() != 4")
        == 0
    )


def test_all_that_is_imported_ahead_is_there(run):
    assert run(f"import sys; assert not {set(starting.MODULES)!r} - set(sys.modules)") == 0


def test_numbers_of_threads_change_no_product(run, tmp_path):
    text = "import numpy; values = numpy.random.default_rng(0).normal(size=(700, 700))"
    text += "; open({name!r}, 'wb').write((values @ values.T).tobytes())"
    for threads in (1, 2):
        assert run(text.format(name=f"{threads}.bin"), threads=threads) == 0
    assert (tmp_path / "1.bin").read_bytes() == (tmp_path / "2.bin").read_bytes()


def test_modules_in_the_folder_of_a_run_are_not_taken(tmp_path):
    for name in ("pandas", "tifffile"):
        (tmp_path / f"{name}.py").write_text("open('taken', 'w')\n")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/count.py").write_text("import pandas, tifffile; pandas.DataFrame\n")
    code = "from contextlib import nullcontext; from denoisekit.study.starting import Starter; "
    code += "given = {'threads': 1, 'environment': {}, 'watch': nullcontext}; "
    code += "raise SystemExit(Starter().run('scripts/count.py', **given))"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert not (tmp_path / "taken").exists()
