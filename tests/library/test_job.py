"""How a script of the workflow ends where it cannot go on."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
SCRIPT = """
import errno, sys
from types import SimpleNamespace
sys.path.insert(0, {scripts!r})
from _job import job

given = SimpleNamespace(log=["a.log"], output=["results/x"], rule="train", wildcards=["actin"])
with job(given):
    raise {error}
"""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("MemoryError('9 GiB')", "Error: There is not enough memory for results/x (9 GiB); "),
        ('RuntimeError("can\'t allocate memory")', "Error: There is not enough memory for resu"),
        ("OSError(errno.EIO, 'Input/output error', 'b')", "Error: b cannot be written or read (In"),
        ("RuntimeError('sizes')", "RuntimeError: sizes"),
    ],
)
def test_what_a_system_refuses_ends_a_job_with_one_sentence(tmp_path, error, sentence):
    code = SCRIPT.format(scripts=str(SCRIPTS), error=error)
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    log = (tmp_path / "a.log").read_text(encoding="utf-8")
    assert ended.returncode == 1
    assert log.splitlines()[-1].startswith(sentence)
    assert ("Traceback" in log) == ("sizes" in sentence)
