import csv
import shutil

import pytest
from study_tables import FOLDER

from denoisekit.errors import InputError
from denoisekit.evaluation.conventions import CONVENTIONS
from denoisekit.published import printed


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "paper")


def change(folder, name, old, new):
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_whole_folder_passes(folder):
    printed.check(folder)


def test_a_table_may_hold_its_header_alone(folder):
    (folder / "printed_deltas.csv").write_text("metric,loss\n", encoding="utf-8")
    printed.check(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("printed_p_values", "p_value", "p", "printed_p_values.csv lacks the columns p_value; it"),
        ("per_image_scores", "35.869", "?", "line 2: laplace must be a number .* but is '\\?'"),
        ("printed_p_values", "0.150", "~0.2", "line 3: p_value must be a number"),
        ("printed_means", ",38.877", "", "line 2, has not as many columns as the header"),
        ("per_image_scores", "psnr,1,", "psnr,0,", "2 rows of the image '0' in AA, psnr; give one"),
    ],
)
def test_mistakes_are_one_sentence(folder, name, old, new, sentence):
    change(folder, name, old, new)
    with pytest.raises(InputError, match=sentence):
        printed.check(folder)


def test_a_missing_table_is_named(folder):
    (folder / "printed_means.csv").unlink()
    with pytest.raises(InputError, match=r"printed_means.csv does not exist; a paper's folder hol"):
        printed.check(folder)


def test_a_file_in_another_encoding_is_named(folder):
    (folder / "printed_means.csv").write_bytes(b"table,experiment\xff\n")
    with pytest.raises(InputError, match=r"printed_means\.csv cannot be read .* in UTF-8"):
        printed.check(folder)


@pytest.mark.parametrize("text", ["<.001", "< 0.001", "0.03", "1.5e-232", ">0.05"])
def test_p_values_as_they_are_printed(text):
    bound, value = printed.p_value(text, where="p")
    assert bound + str(float(value)) == text.replace(" ", "").replace("<.", "<0.")


def test_methods_may_have_hyphens():
    methods = ["ms-ssim-l1", "laplace", "fft"]
    assert printed.compared("ms-ssim-l1-laplace", methods) == ("ms-ssim-l1", "laplace")
    with pytest.raises(InputError, match="among a, a-b, b-c, c"):
        printed.compared("a-b-c", ["a", "a-b", "b-c", "c"])


REGIMES = FOLDER.parent / "pn2v" / "table1.csv"


def test_the_printed_regimes_are_those_of_the_paper():
    printed.check_regimes(REGIMES, datasets=["confocal-mice"])
    with REGIMES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # 24 rows of six numbers: seven methods on three data sets, three of them starred on one.
    assert len(rows) == (7 * 3 + 3) * 6
    assert {row["convention"] for row in rows} <= set(CONVENTIONS)
    values = {
        (row["dataset"], row["method"], row["convention"], row["noise_regime"]): row for row in rows
    }
    zebrafish = values["confocal-zebrafish", "pn2v", "range255", "NR1"]
    assert (zebrafish["psnr"], zebrafish["two_sem"]) == ("32.45", "0.02")
    starred = values["two-photon-mice", "supervised", "scale-invariant", "NR5"]
    assert (starred["psnr"], starred["two_sem"]) == ("41.34", "0.07")
    assert values["confocal-mice", "vst-bm3d", "fmd-matlab", "NR1"]["psnr"] == "37.95"
    for (*key, regime), row in values.items():
        if regime == "mean":
            five = [float(values[*key, f"NR{n}"]["psnr"]) for n in range(1, 6)]
            assert float(row["psnr"]) == pytest.approx(sum(five) / 5, abs=0.0125), key


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("noise_regime", "regime", "lacks the columns noise_regime; it needs dataset, method, con"),
        ("29.38", "?", r"line 2: psnr must be a number .* but is '\?'"),
        ("0.01", "±1", "line 2: two_sem must be a number"),
        ("NR2", "NR6", "line 3: noise_regime must be one of NR1, .* but is 'NR6'"),
        ("NR2", "NR1", "line 3, gives confocal-mice, input, range255, NR1 a second time"),
        (",32.44", "", "line 3, has not as many columns as the header"),
    ],
)
def test_mistakes_in_printed_regimes_are_one_sentence(tmp_path, old, new, sentence):
    text = REGIMES.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "table1.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        printed.check_regimes(tmp_path / "table1.csv", datasets=[])
    with pytest.raises(
        InputError, match=r"none\.csv does not exist; give a table of dataset, meth"
    ):
        printed.check_regimes(tmp_path / "none.csv", datasets=[])


def test_a_data_set_that_is_not_printed_is_told():
    with pytest.raises(InputError, match=r"compared with must be one of .* but is 'fish'\."):
        printed.check_regimes(REGIMES, datasets=["confocal-mice", "fish"])
