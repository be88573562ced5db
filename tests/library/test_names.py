"""Names that look like numbers, or like nothing, stay names in every table that is read again."""

import pandas as pd
import pytest

from denoisekit import files
from denoisekit.datasets.leakage import MATCHES
from denoisekit.datasets.registration import QUALITY
from denoisekit.figures.training import HISTORY
from denoisekit.published import audit, care, loss_functions, noise_regimes, printed
from denoisekit.report import tables as page_tables
from denoisekit.statistics import comparisons, conventions, looks, scores, sharpness, tables

NAMES = ("01", "1", "1e3", "nan", "NA", "None", "True", "inf", "")
TABLES = {
    "scores": scores.SCORES,
    "experiments": scores.EXPERIMENTS,
    "summary": scores.summary_columns(),
    "comparisons": comparisons.COLUMNS,
    "conventions": conventions.COLUMNS,
    "conventions-left-out": conventions.CHECKS,
    "sharpness of runs": sharpness.MEASURED,
    "curves": sharpness.CURVES,
    "sharpness": sharpness.AVERAGED,
    "looks": looks.COLUMNS,
    "regimes": noise_regimes.COLUMNS,
    "claims": care.COLUMNS,
    "audit": audit.COLUMNS,
    "apart": MATCHES,
    "quality": QUALITY,
    "history": HISTORY,
}
PRINTED = {
    "experiments": "1,001,1,100,NA,1,100\n",
    "per_image_scores": "1,psnr,001,20.1,28.0\n1,psnr,002,22.3,29.4\n",
    "printed_means": "2,1,psnr,21.1,28.7\n",
    "printed_deltas": "psnr,1e3,7.6\n",
    "printed_p_values": "",
}
HEADERS = {
    "experiments": printed.COLUMNS["experiments"],
    "per_image_scores": (*printed.COLUMNS["per_image_scores"], "1e3"),
    "printed_means": (*printed.COLUMNS["printed_means"], "1e3"),
    "printed_deltas": (*printed.COLUMNS["printed_deltas"], "1"),
    "printed_p_values": printed.COLUMNS["printed_p_values"],
}


@pytest.mark.parametrize("name", TABLES)
def test_names_stay_text_in_every_table(name, tmp_path):
    columns = TABLES[name]
    rows = [
        {column: text if kind is str else kind(3) for column, kind in columns.items()}
        for text in NAMES
    ]
    files.write_table(tmp_path / "table.tsv", rows)
    again = tables.read(tmp_path / "table.tsv", columns)
    for column, kind in columns.items():
        expected = [row[column] for row in rows]
        assert again[column].tolist() == expected
        assert pd.api.types.is_string_dtype(again[column]) == (kind is str)
    tables.write(tmp_path / "again.tsv", again)
    assert (tmp_path / "again.tsv").read_text() == (tmp_path / "table.tsv").read_text()


def test_a_column_that_no_definition_names_is_text(tmp_path):
    files.write_table(tmp_path / "table.tsv", [{"new": "01", "value": 1.5}])
    again = tables.read(tmp_path / "table.tsv", {"value": float})
    assert again.to_dict("records") == [{"new": "01", "value": 1.5}]


def test_what_is_no_number_in_a_column_of_numbers_is_refused(tmp_path):
    files.write_table(tmp_path / "table.tsv", [{"value": "high"}])
    with pytest.raises(ValueError, match="high"):
        tables.read(tmp_path / "table.tsv", {"value": float})


def test_strengths_are_numbers_beside_images_that_are_called_by_numbers(tmp_path):
    rows = [{"image": name, "sigma": value} for name, value in (("001", 1.5), ("002", 2.5))]
    files.write_table(tmp_path / "strengths.tsv", rows)
    frame = tables.read(tmp_path / "strengths.tsv", {})
    assert frame["image"].tolist() == ["001", "002"]
    table = page_tables.strengths_table({("1", "gaussian"): frame})
    (row,) = table.frame.to_dict("records")
    assert (row["Test set"], row["Strength"], row["Median"]) == ("1", "sigma", 2.0)


def test_printed_tables_keep_their_names_and_give_their_numbers():
    frames = {
        name: pd.DataFrame(
            [line.split(",") for line in PRINTED[name].splitlines()], columns=HEADERS[name]
        )
        for name in printed.COLUMNS
    }
    checked = audit.check(
        frames["per_image_scores"],
        means=frames["printed_means"],
        deltas=frames["printed_deltas"],
        p_values=frames["printed_p_values"],
    )
    taken = loss_functions.Published.from_printed(frames, audit=checked)
    assert taken.experiments["experiment"].tolist() == ["1"]
    assert taken.experiments["restore"].tolist() == ["NA"]
    assert taken.per_image["image"].tolist() == ["001", "002"]
    assert taken.per_image["1e3"].mean() == pytest.approx(28.7)
    assert taken.means["1e3"].tolist() == [28.7]
    assert taken.deltas["1"].tolist() == [7.6]
