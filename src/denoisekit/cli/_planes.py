"""Restored parts of a file that was not finished, so that the next run goes on with the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from denoisekit.errors import InputError
from denoisekit.files import read_table, write_table
from denoisekit.images import reading, stacks
from denoisekit.images.image import pixels_sha256


class Planes:
    """What a run that ended early has left of a file: its parts, and notes on each.

    A part is known again by what it was made of and by, and by the sha256 of what is kept of it.

    Parameters
    ----------
    target
        Where the restored file goes; what is kept lies hidden beside it.
    made_by
        What decides what a part is restored to, but its pixels.
    """

    def __init__(self, target: Path, made_by: str) -> None:
        self.left = target.with_name(f".{target.stem}.left{target.suffix}")
        self._kept = target.with_name(f".{target.stem}.partial{target.suffix}")
        self._notes = self._kept.with_suffix(".tsv")
        self._made_by = made_by
        rows = read_table(self._notes) if self._notes.is_file() else []
        self._before = {
            int(row["part"]): (row["made_of"], row["sha256"])
            for row in rows
            if row["made_by"] == made_by
        }
        self._done: dict[int, tuple[str, str]] = {}

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Keep what a run leaves as `left` if it ends early, unless more was kept before.

        Once a file is finished, what was kept of it is taken away.
        """
        try:
            yield
        except BaseException:
            rows = [
                {"part": number, "made_by": self._made_by, "made_of": made_of, "sha256": sha256}
                for number, (made_of, sha256) in self._done.items()
            ]
            if rows and len(rows) >= len(self._before) and self.left.exists():
                self.left.replace(self._kept)
                write_table(self._notes, rows)
            self.left.unlink(missing_ok=True)
            raise
        for path in (self.left, self._kept, self._notes):
            path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Keep nothing of this run: the file is not to be restored."""
        self._done.clear()

    def find(self, number: int, pixels: np.ndarray, place: stacks.Place) -> np.ndarray | None:
        """Return a part as an earlier run restored it of the same pixels, or None."""
        made_of, sha256 = self._before.get(number, ("", ""))
        if made_of != pixels_sha256(pixels):
            return None
        try:
            part = reading.open_stack(self._kept).read(place)
        except (InputError, IndexError):
            return None
        return part if pixels_sha256(part) == sha256 else None

    def add(self, number: int, pixels: np.ndarray, restored: np.ndarray) -> None:
        """Note that a part was restored."""
        self._done[number] = pixels_sha256(pixels), pixels_sha256(restored)
