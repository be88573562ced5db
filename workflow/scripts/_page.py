"""Read what only the page shows: networks, pictures to compare, and how long jobs took."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from _benchmarks import read_benchmarks
from denoisekit import files
from denoisekit.provenance import file_sha256, folder_sha256
from denoisekit.statistics.tables import read
from denoisekit.statistics.validation import VALIDATION
from denoisekit.study import model_cards
from denoisekit.study.runs import Run


def read_cards(
    paths: Sequence[str], asked: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str, str], Any]:
    """Read the cards of all networks, each of which must be the one that the study asks for.

    Snakemake trains what has changed; that it did is seen here once more, since a page that tells
    of other networks than it shows is worse than none. Patches that were deleted are not compared.
    """
    cards, digests = {}, {}
    for path in map(Path, paths):
        run, card = Run.of_model(path.parent), files.read_json(path)
        network = asked[f"{run.train_set}/{run.method}/seed{run.seed}"]
        model_cards.check(card, network["asked"], folder=path.parent)
        results = path.parents[4]
        patches, noise_model = results / network["patches"], network["noise_model"]
        if patches.is_dir():
            if patches not in digests:
                digests[patches] = folder_sha256(patches)
            data = dict(digests[patches])
            if noise_model:
                data["noise_model"] = file_sha256(results / noise_model)
            model_cards.check_data(card, data, folder=path.parent)
        cards[run.train_set, run.method, str(run.seed)] = card
    return cards


def read_validation(paths: Sequence[str]) -> dict[tuple[str, str, str], pd.DataFrame]:
    """Read how networks did on the images kept from training, beside the filters."""
    tables = {Run.of_model(Path(path).parent): read(path, VALIDATION) for path in paths}
    return {(run.train_set, run.method, str(run.seed)): table for run, table in tables.items()}


def read_jobs(folder: Path, *, names: Collection[str]) -> pd.DataFrame:
    """Read Snakemake's benchmarks of a study; `names` are as `read_benchmarks` wants them."""
    rows = []
    for (rule, *job), measured, _ in read_benchmarks(folder, names=names):
        memory = pd.to_numeric(measured["max_rss"], errors="coerce")
        rows.append([rule, "/".join(job), float(measured["s"]), memory])
    return pd.DataFrame(rows, columns=["rule", "job", "seconds", "memory_mb"])
