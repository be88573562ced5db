from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denoisekit._checks import InputError
from denoisekit.study.runs import ENSEMBLE, Run

RUNS = {
    "tv": Run("tv"),
    "vst-bm3d": Run("vst-bm3d"),
    "seed0": Run("seed0"),
    "mito.fft.seed0": Run("fft", "mito", 0),
    "real-mito.ms-ssim-l1.seed12": Run("ms-ssim-l1", "real-mito", 12),
    "seed1.seed2.seed3": Run("seed2", "seed1", 3),
    "mito.ensemble.seed0": Run("ensemble", "mito", 0),
    "mito.fft.ensemble": Run("fft", "mito", ENSEMBLE),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_name_says_what_its_run_is(name):
    assert Run.parse(name) == RUNS[name]
    assert RUNS[name].name == name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "mito.fft", "mito.fft.0", "mito.fft.seed", "mito.fft.seed-1", ".fft.seed0"),
        *("mito..seed0", "a.mito.fft.seed0", "mito/fft/seed0", "mito.fft.seed0.tsv", "tv\n"),
    ],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InputError, match="A run must be named as its method or as"):
        Run.parse(name)


# As the schema has it.
names = st.from_regex(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", fullmatch=True)
runs = st.builds(Run, names) | st.builds(
    Run, names, names, st.integers(min_value=0) | st.just(ENSEMBLE)
)


@given(runs)
def test_every_run_is_found_by_its_name(run):
    assert Run.parse(run.name) == run


def test_the_folder_of_a_network_says_which_run_it_is_of():
    folder = Path("results/tiny/models/actin/mae/seed3")
    assert Run.of_model(folder) == Run("mae", "actin", 3)
