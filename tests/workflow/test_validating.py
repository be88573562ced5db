import numpy as np
import pytest
from tiny import ROOT

from denoisekit import files
from denoisekit.images.image import write_image

SETTINGS = {"validation_fraction": 0.9, "seed": 0, "images": 9, "side_px": 32}


@pytest.fixture
def validating(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "workflow/scripts")
    import _validating

    return _validating


def write_registered(folder, highs):
    rng, rows = np.random.default_rng(0), []
    for number, high in enumerate(highs):
        low = (high + rng.normal(0, 1, high.shape)).astype(np.float32)
        for exposure, pixels in (("low", low), ("high", high)):
            path = folder / exposure / f"image-{number}.tif"
            write_image(path, pixels.astype(np.float32), pixel_size_um=0.1)
        told = {"image": f"image-{number}", "split": "train", "low": "a.tif", "high": "b.tif"}
        empty = dict.fromkeys(("page", "region", "channel", "scene", "depth", "stack"), "")
        rows.append({**told, "field": str(number), "series": "fields", "blank": "no", **empty})
    files.write_table(folder / "pairs.tsv", rows)


def validated(validating, folder, restore, **options):
    said = []
    rows = validating.rows(
        str(folder),
        restore,
        methods=["noisy"],
        settings=SETTINGS,
        report=said.append,
        **{"outside": None, **options},
    )
    return {row["image"]: row["psnr"] for row in rows}, said


def test_an_image_that_shows_nothing_in_its_middle_does_not_count_and_stops_nothing(
    tmp_path, validating
):
    highs = [np.random.default_rng(n).uniform(0, 100, (48, 48)) for n in range(6)]
    write_registered(tmp_path, highs)
    kept, said = validated(validating, tmp_path, lambda low, *_: low)
    assert said == []
    assert np.isfinite(list(kept.values())).all()
    empty = next(iter(kept))
    highs[int(empty[-1])][8:40, 8:40] = 7
    write_registered(tmp_path, highs)
    found, said = validated(validating, tmp_path, lambda low, *_: low)
    assert [name for name, psnr in found.items() if np.isnan(psnr)] == [empty]
    assert len(said) == 1
    assert f"{empty} does not count for noisy: " in said[0]


def test_pixels_outside_of_the_field_are_not_scored(tmp_path, validating):
    highs = [np.random.default_rng(n).uniform(0, 100, (48, 48)) for n in range(4)]
    write_registered(tmp_path, highs)
    whole, _ = validated(validating, tmp_path, lambda low, *_: low)
    for high in highs:
        high[:16] = np.nan
    write_registered(tmp_path, highs)
    found, said = validated(validating, tmp_path, lambda low, *_: low, outside=["NaN"])
    assert said == []
    np.testing.assert_allclose(list(found.values()), list(whole.values()), atol=2)
