"""Say what the folder of a finished study holds, and what the study took."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from denoisekit.study.crate import FOLDERS, Result
from denoisekit.study.runs import Run


def list_results(
    folder: Path, made: Mapping[str, Sequence[str]], *, seeds: Mapping[str, int]
) -> Iterator[Result]:
    """Yield the page, tables, figures and models, each file of them, and all other folders.

    `made` holds what the study makes by kind, `seeds` the seed of every simulated data set.
    """
    kinds = ("figures", "cards", "restored")
    files = {kind: [Path(path).relative_to(folder) for path in made[kind]] for kind in kinds}
    yield Result("report.html", "The page: results in words, tables and pictures")
    yield Result("verdict.txt", "Which method to use, a line per experiment")
    yield Result("methods.md", "The methods in words, with what they cite")
    yield Result("references.bib", "What is cited, as BibTeX")
    yield Result("tables.zip", "All tables in one file")
    tables = list_tables(folder, made["tables"])
    for kind, parts in (("tables", tables), ("figures", files["figures"])):
        yield Result(f"{kind}/", kind.capitalize(), [Result(str(p), p.name) for p in parts])
    if models := [_model(folder, card.parent) for card in files["cards"]]:
        yield Result("models/", "Trained networks", models)
    runs = [Result(f"{p}/", f"{p.parent.name} by {p.name}") for p in files["restored"]]
    yield Result("restored/", "Restored images, a folder per test set and run", runs)
    if seeds:
        simulated = [Result(f"simulated/{n}/", f"{n}, seed {seed}") for n, seed in seeds.items()]
        yield Result("simulated/", "Simulated images", simulated)
    yield from (Result(f"{n}/", said) for n, said in FOLDERS.items() if (folder / n).is_dir())


def list_tables(folder: Path, paths: Sequence[str]) -> list[Path]:
    """Return the tables of a study in all their forms, from its folder."""
    made = (Path(path).relative_to(folder) for path in paths)
    return [table for path in made for table in _with_other_forms(folder, path)]


def _with_other_forms(folder: Path, path: Path) -> list[Path]:
    """Return a table and its forms for print, or all tables of a folder."""
    found = (folder / path).glob("*") if path.suffix == "" else folder.glob(f"tables/{path.stem}.*")
    return sorted(file.relative_to(folder) for file in found if not file.name.startswith("."))


def _model(folder: Path, path: Path) -> Result:
    run, files = Run.of_model(path), sorted((folder / path).iterdir())
    said = f"{run.method} trained on {run.train_set}, seed {run.seed}: see its card"
    return Result(f"{path}/", said, [Result(f"{path}/{f.name}", f.name) for f in files])
