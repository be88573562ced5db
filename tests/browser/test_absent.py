"""Without a browser the tests of the page are skipped on a desk, and fail in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).with_name("test_page.py")


@pytest.mark.parametrize(("ci", "words"), [("true", "1 error"), ("", "1 skipped")])
def test_an_absent_browser_fails_in_ci_alone(tmp_path, ci, words):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", str(TESTS)],
        env={**os.environ, "PATH": str(tmp_path), "CI": ci},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert words in done.stdout
    assert "chromium-driver are not installed" in done.stdout
