"""Pairs that do not belong together are told, most of them stop, and honest ones are let pass."""

from pathlib import Path

import numpy as np
import pytest
from scenes import blobs, camera

from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registering import Treatment, look_at, register
from denoisekit.datasets.verdicts import (
    check_fit,
    judge,
    showing,
    size_sentences,
    verdict_sentences,
)
from denoisekit.errors import InputError
from denoisekit.files import read_table
from denoisekit.images.image import write_image

CAMERA = {"gain": 2, "offset": 100, "read_noise": 2}
UNLIKE = {"low_signal": 0.9, "high_signal": 0.9, "structure": 0.0, "structure_error": 0.05}


def exposures(seed: int, light: float = 20) -> tuple[np.ndarray, np.ndarray]:
    scene = blobs(seed, 128)
    low = camera(light * scene, **CAMERA, seed=seed)
    return low, camera(100 * light * scene, **CAMERA, seed=1000 + seed)


def pair(
    folder: Path, low: np.ndarray, high: np.ndarray, *, sizes: tuple[float, float] = (0.1, 0.1)
) -> Pair:
    for name, pixels, size in zip(("low", "high"), (low, high), sizes, strict=True):
        write_image(folder / f"{name}.tif", pixels, pixel_size_um=size)
    files = str(folder / "low.tif"), str(folder / "high.tif")
    return Pair("a", "train", *files, None, None, "a", "", None)


def verdicts(folder: Path, low: np.ndarray, high: np.ndarray, **options: object) -> list[str]:
    row = look_at(pair(folder, low, high, **options), treatment=Treatment())
    return [verdict.kind.name for verdict in judge([row])]


@pytest.mark.parametrize("light", [0.2, 2, 20])
@pytest.mark.parametrize("seed", range(4))
def test_honest_pairs_pass_at_any_light(tmp_path: Path, light: float, seed: int) -> None:
    assert verdicts(tmp_path, *exposures(seed, light)) == []


@pytest.mark.parametrize("seed", range(4))
def test_every_kind_is_told(tmp_path: Path, seed: int) -> None:
    low, high = exposures(seed)
    other = exposures(seed + 10)[1]
    empty = camera(np.full(low.shape, 3.0), **CAMERA, seed=seed)
    dark = camera(np.full(low.shape, 300.0), **CAMERA, seed=seed + 1)
    assert verdicts(tmp_path, low, other) == ["not one scene"]
    assert verdicts(tmp_path, high, low) == ["swapped"]
    assert verdicts(tmp_path, low, low) == ["copy"]
    assert verdicts(tmp_path, low, 0.5 * low.astype(np.float32) + 3) == ["copy"]
    assert verdicts(tmp_path, empty, dark) == ["empty"]
    assert verdicts(tmp_path, low[:108, :108], high[20:, 20:]) == ["too far apart"]
    assert "saturated" in verdicts(tmp_path, low, high.clip(0, int(np.percentile(high, 80))))
    assert verdicts(tmp_path, low, high, sizes=(0.1, 0.2)) == ["pixel size"]


def test_the_noise_of_two_microscopes_is_not_compared(tmp_path: Path) -> None:
    low, high = exposures(1)
    row = look_at(pair(tmp_path, high, low), treatment=Treatment(alike=False))
    assert np.isnan(row["noise_ratio"])
    assert judge([row]) == []


def test_numbers_read_from_a_table_say_the_same_and_missing_ones_nothing(tmp_path: Path) -> None:
    row = {"image": "a", "split": "train", "applied": "no", **UNLIKE}
    row.pop("structure_error")
    assert judge([row]) == []
    told = row | {"structure_error": 0.1}
    assert [verdict.kind.name for verdict in judge([told])] == ["not one scene"]
    as_text = {key: str(value) for key, value in told.items()}
    assert [verdict.kind.name for verdict in judge([as_text])] == ["not one scene"]
    assert judge([told | {"structure": ""}]) == []


def rows(count: int, wrong: int, **numbers: float) -> list[dict]:
    good = {"split": "train", "applied": "no"}
    return [
        good | {"image": f"t{number}"} | (numbers if number < wrong else {})
        for number in range(count)
    ]


def test_most_of_a_split_stops_the_run_and_half_of_it_does_not() -> None:
    check_fit(rows(8, 4, **UNLIKE), table="mine.tsv")
    with pytest.raises(InputError) as error:
        check_fit(rows(8, 7, **UNLIKE), table="mine.tsv")
    assert str(error.value) == (
        "mine.tsv: most pairs to train on are unfit: 7 of 8 (t0, t1, t2, t3, t4 and 2 more) have "
        "exposures that do not correlate, as those of two fields - look whether names, rows or "
        "folders are matched wrongly. Mend them; where they are right as they are, set "
        "'accept_pairs: true' of the data set in the study."
    )


def test_one_pair_with_two_faults_counts_once() -> None:
    both = {"high_saturated": 0.5, "pixel_size_um": 0.1, "high_pixel_size_um": 0.2}
    assert len(judge(rows(2, 1, **both))) == 2
    check_fit(rows(2, 1, **both), table="mine.tsv")


def test_hot_pixels_are_told_but_do_not_stop() -> None:
    (said,) = verdict_sentences(rows(3, 3, hot=0.01), dataset="cells")
    assert said.startswith("cells, train: 3 of 3 (t0, t1, t2) have more than 0.1% hot pixels")
    check_fit(rows(3, 3, hot=0.01), table="mine.tsv")


def test_a_pixel_size_that_the_study_tells_otherwise_is_said() -> None:
    sizes = (0.1, 0.2297, "")
    pairs = [{**row, "pixel_size_um": s} for row, s in zip(rows(3, 3), sizes, strict=True)]
    (said,) = size_sentences(pairs, dataset="cells", pixel_size_um=0.1)
    assert said.startswith("cells: 1 of 3 (t1) have pixels of 0.2297 um as their files tell, but")
    assert size_sentences(pairs[:1], dataset="cells", pixel_size_um=0.1005) == []


def test_registering_writes_what_verdicts_are_made_of(tmp_path: Path) -> None:
    low, high = exposures(0)
    files = [pair(tmp_path, high, low)]
    quality = register(
        files, tmp_path / "out", treatment=Treatment(), report=lambda line, **_: None
    )
    written = read_table(tmp_path / "out/quality.tsv")
    assert [v.kind.name for v in judge(quality)] == ["swapped"]
    assert [v.kind.name for v in judge(written)] == ["swapped"]


def field(name: str, *, high: bool = True, place: str = "") -> Pair:
    return Pair(name, "test", "l", "h" if high else None, None, None, place or name, "movie", None)


def test_empty_fields_do_not_stand_for_their_data_set() -> None:
    pairs = [field("a"), field("b"), field("c")]
    signals = dict(zip("abc", (0.02, 0.9, 0.3), strict=True))
    quality = [{"image": name, "high_signal": signal} for name, signal in signals.items()]
    assert [pair.image for pair in showing(pairs, quality)] == ["b", "c"]
    assert showing(pairs[:1], quality) == pairs[:1]
    alone = [field(name, high=False) for name in "abc"]
    low = [{"image": name, "low_signal": signal} for name, signal in signals.items()]
    assert [pair.image for pair in showing(alone, low)] == ["b"]
    movie = [field(name, high=False, place="m") for name in "abc"]
    assert showing(movie, low) == movie
    untold = [{"image": name, "low_signal": "nan"} for name in "abc"]
    assert showing(alone, untold) == alone
