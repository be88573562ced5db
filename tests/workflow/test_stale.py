"""After an edit of a finished study the first call computes what depends on it, and no more."""

import json
import os
import re
import shutil
from contextlib import contextmanager

import blind
import pytest
from calls import call
from tiny import ROOT, TINY, command, run

PAGE = {"write_report", "describe_run", "all"}
SCORED = {"score", "gather_scores", "summarise", "compare", "compare_conventions"}
SCORED |= {"paper_tables", "draw_conventions", "draw_exposures", "draw_montage", "draw_scores"}
SCORED |= {"draw_restoration", "draw_predictions", "draw_samples", "prepare_viewer"} | PAGE
SHARP = {"measure_sharpness", "gather_sharpness", "draw_sharpness"}
CALIBRATED = {"restore_kept", "measure_calibration", "gather_calibration", "draw_calibration"}
CALIBRATED |= {"draw_predictions", "draw_samples"}
EXAMINED = {"examine_residuals", "gather_residuals", "draw_residuals"}
RESTORED = SCORED | SHARP | EXAMINED
TRAINED = {"train", "validate", "predict", "draw_learning_curves"} | RESTORED | CALIBRATED
REGISTERED = {"register", "measure_noise", "gather_noise", "check_apart", "list_experiments"}
REGISTERED |= {"filter", "validate_filters", "check_conventions", "extract_patches"} | TRAINED


def merged(config, path, value):
    """Return a config in which the entry at a dotted path has another value."""
    key, _, rest = path.partition(".")
    return {**config, key: merged(config[key], rest, value) if rest else value}


def setting(path, value):
    return lambda config: merged(config, path, value)


def line(file, old, new):
    """An edit of a line of the code."""
    return file, old, new


# What is edited, the rules that must run, and how many of them train and restore.
EDITS = {
    "first_filters": (setting("networks.tiny-unet.first_filters", 2), TRAINED | {"check_apart"}),
    "depth": (setting("networks.tiny-unet.depth", 2), TRAINED | {"check_apart"}),
    "epochs": (setting("training.epochs", 3), TRAINED),
    "description": (
        setting("experiments.AM.description", "Other"),
        {"list_experiments", "summarise", "compare", "gather_sharpness", "compare_conventions"}
        | {"gather_calibration", "draw_calibration"}
        | {"paper_tables", "draw_conventions", "draw_exposures", "draw_montage", "draw_scores"}
        | {"draw_restoration", "draw_sharpness", "draw_predictions", "draw_samples"}
        | {"prepare_viewer"}
        | PAGE,
    ),
    "patch_size": (
        setting("train_sets.actin.patch_size", 16),
        {"extract_patches", "list_experiments"} | TRAINED,
    ),
    "seed of a data set": (
        setting("datasets.actin-movie.simulate.seed", 3),
        {"simulate"} | REGISTERED,
    ),
    # What is said of pairs is said again on the page; they are registered as they were.
    "accepted pairs": (setting("datasets.actin.accept_pairs", True), PAGE),
    "verdicts": (
        line("src/denoisekit/datasets/verdicts.py", "_COPY = 0.999", "_COPY = 0.99"),
        PAGE,
    ),
    "option of a filter": (
        setting("methods.gaussian", {"filter": "gaussian", "options": {}}),
        {"filter", "validate_filters", "validate"} | RESTORED,
    ),
    "tile": (setting("prediction.tile", 256), {"predict", "validate"} | RESTORED | CALIBRATED),
    "unet.py": (
        line("src/denoisekit/networks/unet.py", "POOL[dims](2)", "POOL[dims](2, 2)"),
        TRAINED | {"check_apart"},
    ),
    "_layers.py": (
        line("src/denoisekit/networks/_layers.py", "xavier_uniform_", "xavier_normal_"),
        TRAINED | {"check_apart"},
    ),
    # It predicts no scale.
    "a loss": (
        line("src/denoisekit/losses/mae.py", "import l1_loss", "import mse_loss as l1_loss"),
        TRAINED - CALIBRATED | {"draw_predictions", "draw_samples"},
    ),
    # The printed scores' audit calls metrics by the names that their entries bear.
    "a metric": (
        line("src/denoisekit/evaluation/metrics.py", "np.log10", "np.log2"),
        SCORED | {"check_conventions", "audit", "validate_filters", "validate"},
    ),
}
PAIRS = [
    ("first_filters", "description"),
    ("epochs", "description"),
    ("a loss", "_layers.py"),
    ("a loss", "unet.py"),
    ("patch_size", "first_filters"),
    ("seed of a data set", "epochs"),
    ("seed of a data set", "tile"),
    ("depth", "tile"),
    ("a metric", "first_filters"),
    ("option of a filter", "description"),
    ("tile", "description"),
]


def jobs(output):
    """The jobs that a dry run announces, each by its message, and the rules that they are of."""
    rows = re.search(r"Job stats:\n(.*?)\n\n", output, re.DOTALL)
    rules = set(re.findall(r"^(\w+) +\d+$", rows[1], re.MULTILINE)) - {"total"} if rows else set()
    return set(re.findall(r"^Job \d+: (.*)$", output, re.MULTILINE)), rules


@contextmanager
def edited(house, config, names):
    """Give the config and the code with some edits made, for as long as this lasts."""
    originals = {}
    try:
        for name in names:
            edit = EDITS[name][0]
            if callable(edit):
                config = edit(config)
                continue
            file, old, new = edit
            text = (house / file).read_text(encoding="utf-8")
            assert old in text, f"{file} has no {old!r}"
            originals.setdefault(file, text)
            (house / file).write_text(text.replace(old, new), encoding="utf-8")
        yield config
    finally:
        for file, text in originals.items():
            (house / file).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def planned(finished):
    """What the first call after some edits would do, asked once for each set of them."""
    house, folder = finished
    known = {}

    def plan(*names):
        if names not in known:
            with edited(house, TINY, names) as config:
                known[names] = jobs(run(house, folder, "-n", config=config))
        return known[names]

    return plan


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_runs_what_depends_on_it_and_nothing_else(planned, name):
    _, rules = planned(name)
    assert rules == EDITS[name][1]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=[" and ".join(pair) for pair in PAIRS])
def test_two_edits_run_what_each_of_them_does(planned, first, second):
    together, _ = planned(first, second)
    assert together == planned(first)[0] | planned(second)[0]


def test_a_network_that_is_not_as_asked_keeps_the_page_from_being_written(finished, tmp_path):
    house, folder = finished
    copy = tmp_path / "run"
    shutil.copytree(folder, copy)
    card = copy / "results/tiny/models/actin/mae/seed0/card.json"
    changed, written = json.loads(card.read_text(encoding="utf-8")), card.stat().st_mtime
    for key, value, told in (
        ("network", {**changed["network"], "first_filters": 8}, "first_filters is 8 in its card"),
        ("code", "0123456789abcdef", "code is 0123456789abcdef in its card"),
        ("patches_sha256", {**changed["patches_sha256"], "low": "0"}, "on other data (low)"),
    ):
        card.write_text(json.dumps({**changed, key: value}), encoding="utf-8")
        os.utime(card, (written, written))
        forced = ("results/tiny/report.html", "--forcerun", "write_report")
        words = command(house, copy, *forced, "--rerun-triggers", "mtime")
        said = call(words, folder=house, succeeds=False)
        assert "The network results/tiny/models/actin/mae/seed0" in said
        assert told in said
        assert "Traceback" not in said


def test_results_without_snakemakes_records_are_told(finished, tmp_path):
    house, folder = finished
    copy = tmp_path / "run"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".snakemake"))
    told = "results/tiny was copied without Snakemake's records, or they were deleted"
    assert told in call(command(house, copy, "-n"), folder=house)
    assert told not in call(command(house, folder, "-n"), folder=house)


def methods_trained(said):
    """The methods whose networks a dry run would train."""
    training = [words for words in said if words.startswith("Training")]
    return {re.search(r"with ([\w-]+),", words)[1] for words in training}


def test_what_is_proved_or_measured_anew_trains_nothing(finished, finished_blind):
    _, rules = jobs(run(*finished, "-n", "--forcerun", "check_apart"))
    assert rules == {"check_apart"} | PAGE
    folder, config = finished_blind
    forced = ("-n", "--forcerun", "measure_noise")
    said, _ = jobs(run(ROOT, folder / "run", *forced, config=config))
    assert methods_trained(said) == set()
    config = merged(config, "noise_models.of-pairs.bins", 32)
    said, _ = jobs(run(ROOT, folder / "run", *forced, config=config))
    assert methods_trained(said) == {"pn2v"}


@pytest.mark.parametrize("kind", ["image", "table", "noise model", "network"])
def test_a_change_of_own_images_or_noise_models_reaches_the_networks(finished_blind, kind):
    folder, config = finished_blind
    image, table = folder / "images/1-low.tif", folder / "images/pairs.tsv"
    kept = {path: path.read_bytes() for path in (image, table)}
    if kind == "image":
        image.write_bytes((folder / "images/2-low.tif").read_bytes())
    elif kind == "table":
        table.write_text(table.read_text(encoding="utf-8").replace("0:4", "0:3"), encoding="utf-8")
    elif kind == "noise model":
        config = merged(config, "noise_models.of-pairs.bins", 32)
    else:
        config = merged(config, "networks.samples.first_filters", 2)
    try:
        said, rules = jobs(run(ROOT, folder / "run", "-n", config=config))
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
    samples = {"pn2v", "pn2v-frames", "pn2v-bootstrapped"}
    everything = {name for name, method in blind.METHODS.items() if "network" in method}
    expected = {"noise model": {"pn2v"}, "network": samples}.get(kind, everything)
    assert methods_trained(said) == expected
    assert ("register" in rules) == (kind in ("image", "table"))
