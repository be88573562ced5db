"""A mistake ends a run with one clear sentence before anything is trained."""

import numpy as np
import pytest
import tifffile
import yaml


def test_a_mistake_in_the_config_is_one_sentence(tiny, snakemake):
    tiny["training"]["epoch"] = 3
    output = snakemake(tiny, "-n", succeeds=False)
    assert "study.yaml: training has the unknown key 'epoch'; allowed are augment" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_pair_table_in_another_encoding_is_one_sentence(mine, tiny, snakemake, encoding):
    config = mine.config(tiny)
    table = mine.folder / "mine.tsv"
    text = table.read_text(encoding="utf-8").replace("t0\t", "möwe\t")
    table.write_bytes(text.encode(encoding))
    output = snakemake(config, "-n", succeeds=False)
    assert "The table mine.tsv cannot be read" in output
    assert "save it as tab-separated text in UTF-8" in output
    assert "Traceback" not in output


class Pairs:
    """A folder of image pairs and its table, each of which a test may spoil."""

    def __init__(self, folder):
        self.folder = folder
        self.rng = np.random.default_rng(0)
        self.rows = []
        for number in range(4):
            self.add(f"t{number}", "train")
        self.add("u0", "test")

    def picture(self, side=80):
        high = np.zeros((side, side))
        for y, x in self.rng.integers(6, side - 6, (25, 2)):
            high[y - 3 : y + 3, x - 3 : x + 3] += self.rng.uniform(50, 200)
        return high

    def add(self, name, split, high=None):
        high = self.picture() if high is None else high
        self.write(f"{name}-high", high)
        self.write(f"{name}-low", high / 10 + self.rng.normal(100, 3, high.shape))
        self.rows.append([name, split, f"{name}-low.tif", f"{name}-high.tif"])

    def write(self, name, pixels):
        kind = "rgb" if pixels.ndim == 3 else "minisblack"
        tifffile.imwrite(self.folder / f"{name}.tif", pixels.astype(np.float32), photometric=kind)

    def config(self, tiny):
        lines = [["image", "split", "low", "high"], *self.rows]
        table = "\n".join("\t".join(line) for line in lines) + "\n"
        (self.folder / "mine.tsv").write_text(table)
        tiny["datasets"] = {"mine": {"pixel_size_um": 0.1, "pairs": "mine.tsv"}}
        tiny["train_sets"] = {"mine": {"dataset": "mine", "patch_size": 48}}
        tiny["test_sets"] = {"mine": {"dataset": "mine"}}
        tiny["experiments"] = {"E": {"train_set": "mine", "test_set": "mine", "description": "-"}}
        tiny.pop("published", None)
        return tiny


@pytest.fixture
def mine(tmp_path):
    return Pairs(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda p: (p.folder / "t1-low.tif").unlink(), "names the file t1-low.tif, which does not"),
        (lambda p: p.rows.pop(), "no row whose split is 'test', but the study tests on it"),
        (lambda p: p.rows.append(p.rows[0]), "mine.tsv names the image 't0' in the lines 2 and"),
        (lambda p: p.rows[0].__setitem__(1, "val"), "split must be train or test, but is 'val'"),
        (
            lambda p: p.rows[0].__setitem__(2, "$NOWHERE/a.tif"),
            "variable NOWHERE, which is not set",
        ),
    ],
    ids=["missing-file", "empty-split", "twice", "split", "variable"],
)
def test_wrong_pair_tables_stop_the_plan(mine, tiny, snakemake, spoil, sentence):
    config = mine.config(tiny)
    spoil(mine)
    output = snakemake(mine.config(config), "-n", succeeds=False)
    assert sentence in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda p: p.write("t1-low", np.full((80, 80), np.nan)),
            "The low exposure of 't1' (t1-low.tif) has 6400 pixels that are NaN or infinite",
        ),
        (lambda p: p.write("t1-low", np.eye(70)), "are 70 x 70 and 80 x 80 pixels"),
        (
            lambda p: p.write("t1-low", p.rng.random((80, 80, 3))),
            "t1-low.tif is in colour, with the channels 0 (red), 1 (green), 2 (blue)",
        ),
        (
            lambda p: (p.folder / "t1-low.tif").write_bytes(b"II*\0 and nothing more"),
            "t1-low.tif cannot be read as an image",
        ),
        (
            lambda p: p.add("small", "train", p.picture(40)),
            "40 x 40 px, smaller than a patch of 48",
        ),
        (
            lambda p: p.rows.append(["u1", "test", "t0-low.tif", "t0-high.tif"]),
            "The test image 'u1' and the training image 't0' are the same picture",
        ),
        (
            lambda p: p.add("u1", "test", np.roll(p.picture(), 9)[:70, 4:]),
            None,
        ),
    ],
    ids=["nan", "shapes", "colour", "cut-short", "small", "leak", "sound"],
)
def test_wrong_images_stop_the_run_before_training(mine, tiny, snakemake, spoil, sentence):
    spoil(mine)
    targets = ["results/tiny/checks/apart.tsv", "results/tiny/patches/mine/positions.tsv"]
    output = snakemake(mine.config(tiny), *targets, succeeds=sentence is None)
    assert (sentence or "100%") in output
    assert "Traceback" not in output


def test_a_shifted_copy_in_the_test_set_is_found(mine, tiny, snakemake):
    copied = tifffile.imread(mine.folder / "t2-high.tif")
    mine.add("u1", "test", np.roll(copied, (5, -8), (0, 1))[4:, :-6])
    output = snakemake(mine.config(tiny), "results/tiny/checks/apart.tsv", succeeds=False)
    said = "Error: The test image 'u1' of mine shows the same scene as the training image 't2'"
    # In the job's log, and once more at the end.
    assert output.rindex(said) > output.rindex("Error in rule check_apart")
    assert output.count(said) == 2


def test_a_main_convention_without_a_meaning_is_one_sentence(mine, tiny, snakemake):
    config = mine.config(tiny) | {"conventions": ["truth-range", "care"]}
    snakemake(config, "results/tiny/checks/conventions/mine.tsv", succeeds=False)
    log = (mine.folder / "results/tiny/logs/check_conventions/mine.log").read_text()
    assert "The convention truth-range, the study's main one, has no meaning for image u0" in log
    assert "Traceback" not in log


def shuffle(pairs):
    """Give every row the long exposure of the next."""
    highs = [row[3] for row in pairs.rows]
    for row, high in zip(pairs.rows, highs[1:] + highs[:1], strict=True):
        row[3] = high


def swap(pairs):
    for row in pairs.rows:
        row[2], row[3] = row[3], row[2]


def copy(pairs):
    for row in pairs.rows:
        pixels = tifffile.imread(pairs.folder / row[2])
        pairs.write(row[3].removesuffix(".tif"), pixels)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (shuffle, "4 of 4 (t0, t1, t2, t3) have exposures that do not correlate"),
        (swap, "4 of 4 (t0, t1, t2, t3) have a long exposure that is darker, or noisier"),
        (copy, "4 of 4 (t0, t1, t2, t3) have one and the same picture as both exposures"),
    ],
)
def test_pairs_that_do_not_belong_together_stop_unless_accepted(
    mine, tiny, snakemake, spoil, sentence
):
    config = mine.config(tiny)
    spoil(mine)
    target = "results/tiny/registered/mine"
    output = snakemake(mine.config(config), target, succeeds=False)
    assert f"mine.tsv: most pairs to train on are unfit: {sentence}" in output
    assert "set 'accept_pairs: true' of the data set in the study" in output
    assert "Traceback" not in output
    config = mine.config(config)
    config["datasets"]["mine"]["accept_pairs"] = True
    output = snakemake(config, target)
    assert f"warning: mine, train: {sentence}" in output


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seeds: [0]\n", "study.yaml: the key 'seeds' is given twice, in lines"),
        ("more: 5e-4\n", "5e-4 is text to YAML, not a number; write 0.0005, or"),
    ],
)
def test_a_study_is_read_strictly(tiny, snakemake, tmp_path, monkeypatch, text, sentence):
    dumped = yaml.safe_dump
    monkeypatch.setattr(yaml, "safe_dump", lambda *a, **options: dumped(*a, **options) + text)
    output = snakemake(tiny, "-n", succeeds=False)
    assert sentence in output
    assert "Traceback" not in output
