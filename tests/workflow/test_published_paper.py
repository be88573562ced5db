"""A paper's printed numbers that a user brings are audited, without anything being trained."""

import csv

import pytest

TARGET = "results/tiny/tables/audit.tsv"
FILES = {
    "experiments": "experiment,train,train_low_ms,train_high_ms,restore,restore_low_ms,"
    "restore_high_ms\nE,nuclei,1,10,nuclei,1,10\n",
    "per_image_scores": "experiment,metric,image,input,mse,n2v\n"
    "E,psnr,a,20.1,28.0,27.9\nE,psnr,b,22.3,29.4,28.5\nE,psnr,c,21.0,30.2,29.8\n",
    "printed_means": "table,experiment,metric,input,mse,n2v\n1,E,psnr,21.1,29.4,28.7\n",
    "printed_deltas": "metric,loss,E\npsnr,mse,8.1\npsnr,n2v,7.5\n",
    "printed_p_values": "experiment,comparison,metric,p_value\nE,n2v-mse,psnr,<.15\n",
}


@pytest.fixture
def paper(tmp_path, tiny):
    """A made-up paper's folder, which the tiny study names."""
    folder = tmp_path / "paper"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    tiny["published"] = str(folder)
    return folder


def test_any_paper_is_audited_from_its_folder_alone(paper, tiny, snakemake, tmp_path):
    snakemake(tiny, TARGET)
    path = tmp_path / TARGET
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found = [(row["comparison"], row["statistic"], row["printed"], row["verdict"]) for row in rows]
    assert found == [
        ("input", "mean", "21.1", "ok"),
        ("mse", "mean", "29.4", "wrong"),
        ("n2v", "mean", "28.7", "ok"),
        ("mse", "delta", "8.1", "ok"),
        ("n2v", "delta", "7.5", "rounding"),
        ("n2v-mse", "p", "<.15", "rounding"),
    ]
    assert list(rows[0]) == [
        *("table", "experiment", "comparison", "metric", "statistic"),
        *("printed", "recomputed", "low", "high", "verdict"),
    ]
    assert "| 29.4 | 29.20 | 29.15 | 29.25 | **wrong** |" in path.with_suffix(".md").read_text()
    assert r"\textbf{wrong}" in path.with_suffix(".tex").read_text()
    assert not (tmp_path / "results/tiny/simulated").exists()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("printed_means", None, "printed_means.csv does not exist; a paper's folder holds"),
        (
            "per_image_scores",
            "experiment,metric,image,noisy,mse\n",
            "per_image_scores.csv lacks the columns input; it needs experiment, metric, image,",
        ),
        (
            "printed_p_values",
            FILES["printed_p_values"].replace("<.15", "n.s."),
            "printed_p_values.csv, line 2: p_value must be a number as it is printed",
        ),
    ],
    ids=["missing-file", "missing-column", "no-number"],
)
def test_a_paper_that_cannot_be_read_stops_the_plan(paper, tiny, snakemake, name, text, sentence):
    (paper / f"{name}.csv").unlink()
    if text is not None:
        (paper / f"{name}.csv").write_text(text, encoding="utf-8")
    output = snakemake(tiny, "-n", succeeds=False)
    assert sentence in output
    assert "Traceback" not in output
