"""Say what kind of machine this is, without naming it."""

import os
import platform
import re
from pathlib import Path


def describe() -> dict[str, str | int]:
    """Return the system, the architecture, the processor and the number of its cores."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": processor(),
        "cores": os.cpu_count() or 1,
    }


def take_large_pages() -> None:
    """Let torch ask Linux for memory in pages of 2 MB, before it makes its first tensor.

    A network's features are given back to the system after each layer; in pages of 4 KB, taking
    them anew costs up to a third of the time that a network computes.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def processor() -> str:
    """Return the name that its maker gave the processor, where the system tells it."""
    facts = Path("/proc/cpuinfo")
    text = facts.read_text(encoding="utf-8") if facts.is_file() else ""
    names = re.findall(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return names[0] if names else platform.processor() or platform.machine()
