import os

import pytest

from denoisekit.machine import take_large_pages


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0")])
def test_large_pages_are_asked_for_unless_the_user_says_not(monkeypatch, before, after):
    name = "THP_MEM_ALLOC_ENABLE"
    monkeypatch.setenv(name, before or "")
    if before is None:
        monkeypatch.delenv(name)
    take_large_pages()
    assert os.environ[name] == after
