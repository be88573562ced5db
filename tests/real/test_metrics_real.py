"""Scores of real frames, against values measured independently with each group's own code."""

import re
from pathlib import Path

import pytest

from denoisekit.evaluation import conventions
from denoisekit.images.reading import read_image

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conventions.md"


@pytest.fixture(scope="module")
def fish(sample_data):
    folder = sample_data / "fmd_test_mix"
    raw = read_image(folder / "raw/Confocal_FISH_3.png").pixels
    return read_image(folder / "gt/Confocal_FISH.png").pixels, raw


@pytest.mark.parametrize(
    ("convention", "metric", "expected", "tolerance"),
    [
        ("range255", "psnr", 22.83, 0.005),
        ("range255", "ssim", 0.453, 0.0005),
        ("fmd", "psnr", 22.91, 0.005),
        ("care", "psnr", 21.41, 0.005),
        ("care", "ssim", 0.423, 0.0005),
        ("scale-invariant", "psnr", 24.84, 0.005),
        ("fmd-matlab", "psnr", 22.83, 0.005),
        ("fmd-matlab", "ssim", 0.442, 0.0005),
    ],
)
def test_fish_3(fish, convention, metric, expected, tolerance):
    truth, raw = fish
    scores = conventions.score(truth, raw, low=raw, convention=convention)
    assert scores[metric] == pytest.approx(expected, abs=tolerance)


def test_every_convention_has_a_meaning_for_fmd(fish):
    truth, raw = fish
    for convention in conventions.CONVENTIONS:
        assert conventions.why_undefined(truth, low=raw, convention=convention) == ""


def test_mean_of_all_raw_fmd_frames(sample_data):
    folder = sample_data / "fmd_test_mix"
    values = []
    for path in sorted((folder / "raw").iterdir()):
        truth = read_image(folder / "gt" / f"{path.stem.rsplit('_', 1)[0]}.png").pixels
        raw = read_image(path).pixels
        values.append(conventions.score(truth, raw, low=raw, convention="range255")["psnr"])
    assert len(values) == 48
    assert sum(values) / 48 == pytest.approx(27.22, abs=0.005)


def test_the_page_on_conventions_says_what_is_measured(fish):
    truth, raw = fish
    raw = raw.astype(float)
    rows = re.findall(
        r"^\| `([\w-]+)` \|((?: [\d.]+ \|){4})$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert [name for name, _ in rows] == list(conventions.CONVENTIONS)
    for name, numbers in rows:
        scores = [
            conventions.score(truth, image, low=raw, convention=name)
            for image in (raw, 2 * raw, raw + 20)
        ]
        found = [f"{score['psnr']:.2f}" for score in scores] + [f"{scores[0]['ssim']:.3f}"]
        assert found == numbers.replace("|", " ").split(), name
