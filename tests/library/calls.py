"""Commands as a user calls them."""

import subprocess


def call(words, *, folder, succeeds=True):
    """Run a command in a folder, see that it succeeds (or does not), return what it printed."""
    done = subprocess.run(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert (done.returncode == 0) == succeeds, done.stdout[-6000:]
    return done.stdout
