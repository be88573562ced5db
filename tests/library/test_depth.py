"""How deep a sheet lies: errors beside a known surface, in a table, in words and in a figure."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from places import ROOT
from study_page import png, results

from denoisekit import filters, report
from denoisekit.errors import InputError
from denoisekit.evaluation import depth
from denoisekit.figures.depth import draw_depth
from denoisekit.report.topics import TOPICS
from denoisekit.statistics.depth import depth_sentences, depth_table
from denoisekit.statistics.typeset import to_markdown
from denoisekit.study.design import Study

CONFIG = yaml.safe_load((ROOT / "config/projection.yaml").read_text(encoding="utf-8"))


def test_errors_of_a_surface_that_is_off_by_what_its_spread_tells():
    known = np.full((4, 4), 3.0)
    found = known.copy()
    found[:2] += 1
    found[3] -= 0.5
    spread = np.abs(found - known)
    values = {name: value for name, (value, _) in depth.measure(known, found, spread).items()}
    assert values["error_um"] == pytest.approx((8 * 1 + 4 * 0.5) / 16)
    assert values["median_um"] == pytest.approx(0.75)
    assert values["bias_um"] == pytest.approx((8 * 1 - 4 * 0.5) / 16)
    assert values["spread_um"] == pytest.approx(values["error_um"])
    assert values["told"] == pytest.approx(1)
    opposite = depth.measure(known, found, 2 - spread)
    assert opposite["told"][0] == pytest.approx(-1)


def test_a_spread_that_is_the_same_everywhere_tells_nothing():
    found = np.arange(16.0).reshape(4, 4)
    assert np.isnan(depth.measure(np.zeros((4, 4)), found, np.ones((4, 4)))["told"][0])


def test_a_surface_that_is_no_number_or_of_another_size_is_refused():
    with pytest.raises(InputError, match="surface that was found"):
        depth.measure(np.zeros((4, 4)), np.full((4, 4), np.nan), np.ones((4, 4)))
    with pytest.raises(InputError, match="The true surface"):
        depth.measure(np.zeros((4, 5)), np.zeros((4, 4)), np.ones((4, 4)))


def test_the_filter_that_looks_for_a_surface_tells_it_in_micrometres():
    rng = np.random.default_rng(0)
    sheet = rng.uniform(0.5, 1.5, (32, 32))
    stack = np.zeros((12, 32, 32))
    stack[4] = 100 * sheet
    options = CONFIG["methods"]["surface"]["options"]
    made = filters.get("projection")(sheet, stack=stack, voxel_um=(0.5, 0.2), **options)
    np.testing.assert_allclose(made.beside["height"], 4 * 0.5, atol=1e-6)
    np.testing.assert_allclose(made.beside["spread"], 0, atol=1e-6)
    known = {"how": "known-surface", "half_planes": 1, "height_um": np.full((32, 32), 2.0)}
    assert not filters.get("projection")(sheet, stack=stack, voxel_um=(0.5, 0.2), **known).beside


def averaged():
    rows = [
        {"experiment": "wing", "method": method, "kind": "filter", "simulated": "yes"}
        | {"quantity": name, "images": 6, "mean": value, "sd": 0.1}
        | {"truth_value": np.nan, "ratio": np.nan}
        for method, error in (("surface", 0.54), ("projection", 0.15))
        for name, value in (("error_um", error), ("bias_um", -error), ("told", 0.5))
    ]
    return pd.DataFrame(rows)


def test_table_and_sentence_name_every_method_that_tells_depths():
    said = to_markdown(depth_table(averaged()))
    assert "Mean error" in said
    assert "0.54" in said
    assert "-0.15" in said.replace("\N{MINUS SIGN}", "-")
    (sentence,) = depth_sentences(averaged(), z_spacing_um={"wing": 0.5})
    assert sentence == (
        "wing: the mean error of the depth is Surface 0.54 and Projection 0.15 µm, with planes "
        "0.5 µm apart."
    )


def test_the_figure_has_the_true_surface_and_two_maps_of_each_method():
    known = np.tile(np.linspace(2, 4, 32), (32, 1))
    figure = draw_depth(known, {"surface": known + 1, "projection": known}, pixel_size_um=0.2)
    assert sum(len(axis.images) for axis in figure.axes) == 5
    labels = [axis.get_xlabel() for axis in figure.axes]
    assert "mean error 1.00 µm" in labels
    assert "mean error 0.00 µm" in labels


def test_a_study_measures_depths_of_methods_that_tell_them_where_surfaces_are_known():
    study = Study(CONFIG)
    assert study.known_sheet_sets == ["wing"]
    assert study.deep_methods("wing") == ["surface", "surface-nlm", "projection"]
    assert study.deep_runs_on("wing") == ["surface", "surface-nlm", "wing.projection.seed0"]
    assert "depth" in study.tables
    assert "depth-wing" in study.figures
    measured = yaml.safe_load(yaml.safe_dump(CONFIG))
    measured["datasets"]["wing"] = {
        **{"pixel_size_um": 0.2, "z_spacing_um": 0.5, "target": "plane", "pairs": "wing.tsv"}
    }
    assert Study(measured).known_sheet_sets == []


def test_the_page_tells_how_deep_the_sheet_lies():
    told = results()
    sheet = {"pixel_size_um": 0.2, "z_spacing_um": 0.5, "target": "plane"}
    told = replace(
        told,
        config={**told.config, "datasets": {**told.config["datasets"], "actin": sheet}},
        depth=averaged().assign(experiment="AA"),
        figures={**told.figures, "depth-AA": png()},
    )
    page = report.render(told, TOPICS)
    assert "AA: the mean error of the depth is Surface 0.54 and Projection 0.15 µm" in page
    assert "Depth of the sheet in AA" in page
