"""Names of runs: a run is one way of restoring a test set, and its name a file's and a table's.

A filter's run is called as its method (``tv``), a network's ``<train_set>.<method>.seed<k>``, and
that of an ensemble of networks, over several seeds, ``<train_set>.<method>.ensemble``.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Self

from denoisekit.errors import InputError

ENSEMBLE = "ensemble"
"""Stands for the seed of a run over several seeds."""

BEST_FILTER = "best-filter"
"""Stands for a method where the best of all filters is compared with."""

_NAME = re.compile(
    r"(?P<method>[\w-]+)|(?P<train_set>[\w-]+)\.(?P<trained>[\w-]+)\.(?P<last>seed\d+|ensemble)",
    re.ASCII,
)


@dataclass(frozen=True)
class Run:
    """A run: a filter's has a method alone, a network's a train set and a seed or `ENSEMBLE`."""

    method: str
    train_set: str = ""
    seed: int | str = ""

    @property
    def name(self) -> str:
        """The run's name."""
        if not self.train_set:
            return self.method
        last = ENSEMBLE if self.seed == ENSEMBLE else f"seed{self.seed}"
        return f"{self.train_set}.{self.method}.{last}"

    @classmethod
    def parse(cls, name: str) -> Self:
        """Take a run's name apart.

        Raises
        ------
        InputError
            If it is no name of a run.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise InputError(
                "A run must be named as its method or as <train set>.<method>.seed<k> (of an "
                f"ensemble: .ensemble), but one is {name!r}."
            )
        if match["method"]:
            return cls(match["method"])
        last = match["last"]
        seed = last if last == ENSEMBLE else int(last.removeprefix("seed"))
        return cls(match["trained"], match["train_set"], seed)

    @classmethod
    def of_model(cls, folder: PurePath) -> Self:
        """Return the run of a network by its folder, ``.../<train_set>/<method>/seed<k>``."""
        return cls.parse(".".join(folder.parts[-3:]))
