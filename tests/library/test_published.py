import shutil

import pytest
from study_tables import FOLDER

from denoisekit import published
from denoisekit._checks import InputError


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "paper")


def change(folder, name, old, new):
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_whole_folder_passes(folder):
    published.check(folder)


def test_a_table_may_hold_its_header_alone(folder):
    (folder / "printed_deltas.csv").write_text("metric,loss\n", encoding="utf-8")
    published.check(folder)


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
        published.check(folder)


def test_a_missing_table_is_named(folder):
    (folder / "printed_means.csv").unlink()
    with pytest.raises(InputError, match=r"printed_means.csv does not exist; a paper's folder hol"):
        published.check(folder)


def test_a_file_in_another_encoding_is_named(folder):
    (folder / "printed_means.csv").write_bytes(b"table,experiment\xff\n")
    with pytest.raises(InputError, match=r"printed_means\.csv cannot be read .* in UTF-8"):
        published.check(folder)


@pytest.mark.parametrize("text", ["<.001", "< 0.001", "0.03", "1.5e-232", ">0.05"])
def test_p_values_as_they_are_printed(text):
    bound, value = published.p_value(text, where="p")
    assert bound + str(float(value)) == text.replace(" ", "").replace("<.", "<0.")


def test_methods_may_have_hyphens():
    methods = ["ms-ssim-l1", "laplace", "fft"]
    assert published.compared("ms-ssim-l1-laplace", methods) == ("ms-ssim-l1", "laplace")
    with pytest.raises(InputError, match="among a, a-b, b-c, c"):
        published.compared("a-b-c", ["a", "a-b", "b-c", "c"])
