"""Show tables and progress: for a person at a terminal, in plain lines for a file or a pipe."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

_SECONDS_BETWEEN_LINES = 10
# Columns of characters that a terminal needs for all columns of a table.
_WIDE = 140
# Columns that a bar takes with its numbers.
_BAR = 64


class Progress(Protocol):
    """What is told how much of one file is done."""

    def __call__(self, name: str, done: int, total: int) -> None:
        """Tell it."""


def table(
    rows: Sequence[Mapping[str, Any]], *, title: str, narrow: Sequence[str] | None = None
) -> None:
    """Print rows of the same columns: as a table, or as tab-separated values into a pipe.

    A table of a narrow terminal has the columns in `narrow` only.
    """
    if not sys.stdout.isatty():
        for line in (list(rows[0]), *(row.values() for row in rows)):
            print("\t".join(map(str, line)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    columns = narrow if narrow and console.width < _WIDE else list(rows[0])
    shown = Table(title=title, title_justify="left")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(str(row[column])) for column in columns))
    console.print(shown)


@contextmanager
def progress() -> Iterator[Progress]:
    """Give a function to tell progress to: a bar, or a line every ten seconds into a pipe."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = TextColumn("{task.description}", markup=False), BarColumn()
    console = Console(stderr=True)
    with Bars(
        *columns,
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as bars:
        bar = bars.add_task("")

        def tell(name: str, done: int, total: int) -> None:
            # A longer name would leave no room for the bar and what it counts.
            room = max(console.width - _BAR, 20)
            shown = name if len(name) <= room else f"{name[: room - 1]}…"
            bars.update(bar, description=shown, completed=done, total=total)

        yield tell


def _lines() -> Progress:
    told = time.monotonic()

    def tell(name: str, done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _SECONDS_BETWEEN_LINES:
            print(f"{name}: {done} of {total}", file=sys.stderr, flush=True)
            told = time.monotonic()

    return tell
