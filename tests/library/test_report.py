import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import study_segmentation
from PIL import Image
from study_calibration import averaged
from study_controls import measured as measured_controls
from study_page import CARD, CONFIG, NETWORK, png, results, scene
from study_residuals import measured as measured_residuals
from study_tables import EXPERIMENTS, by_experiment, compared
from test_rank_without_truth import measured as ranking

from denoisekit import report
from denoisekit.datasets.registration import QUALITY
from denoisekit.published import care
from denoisekit.report import page as page_module
from denoisekit.report import sentences, tables, timing, topics, viewer
from denoisekit.report.glossary import TERMS, Explained
from denoisekit.report.packing import (
    FIGURE_STEPS,
    SCENE_STEPS,
    Step,
    pack,
    pack_figure,
    pack_within,
)
from denoisekit.report.parts import Article, Folded, Picture, Sentences
from denoisekit.report.plot import plot_values
from denoisekit.report.topics import TOPICS, Topic
from denoisekit.statistics import dose
from denoisekit.statistics.looks import QUANTITIES
from denoisekit.statistics.scores import summarise
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.without_truth import rank


def test_the_most_alike_scenes_are_named():
    found = results()
    sentence = sentences.apart_sentence(found.matches, found.config["datasets"])
    assert "b of actin is most like a training image (t2 of mito), with a resemblance of 0.31" in (
        sentence
    )
    assert "Patches" not in sentence


def test_patches_that_somebody_cut_are_not_said_to_be_apart():
    datasets = {"cut": {"as_patches": True}, "own": {}, "x": {}}
    row = dict.fromkeys(("test_image", "train_image", "perhaps"), "")
    cut = pd.DataFrame([{"train": "cut", "test": "x", **row, "resemblance": float("nan")}])
    told = "Patches of cut are too small to be compared with images to test on: that none shows"
    assert sentences.apart_sentence(cut, datasets).startswith(told)
    assert "No scene" not in sentences.apart_sentence(cut, datasets)
    row |= {"train": "own", "test": "x", "test_image": "a", "train_image": "b", "resemblance": 0.2}
    both = sentences.apart_sentence(pd.concat([cut, pd.DataFrame([row])]), datasets)
    assert both.startswith("No scene to test on is trained on: of all, a of x is most like")
    assert told in both


def test_scenes_that_show_too_little_to_tell_are_named():
    found = results()
    matches = found.matches.assign(perhaps=["", "t3"])
    sentence = sentences.apart_sentence(matches, found.config["datasets"])
    assert sentence.endswith("too little to tell a copy from chance: b of actin (t3 of mito).")
    assert "chance" not in sentences.apart_sentence(found.matches, found.config["datasets"])


class Page(HTMLParser):
    """What a browser would load, and whether the page's parts are labelled."""

    _VOID = frozenset({"meta", "img", "br", "link", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.words.append("" if tag == "abbr" else " ")
        self.tags.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.words.append("" if tag == "abbr" else " ")
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html():
    return report.render(results())


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


BESIDE = (
    *("tables", "figures/", "restored/", "models/", "methods.md", "references.bib"),
    *("settings.yaml", "ro-crate-metadata.json", "code/"),
)


def test_the_page_asks_for_nothing_else(html, page):
    assert not page.open
    addresses = [a[key] for _, a in page.tags for key in ("src", "href", "srcset") if key in a]
    # Besides what is in it, only what lies beside it, to be clicked.
    told = ("data:image/webp;base64,", "#", *BESIDE)
    assert all(address.startswith(told) for address in addresses)
    assert not any(a.get("src", "").startswith(BESIDE) for _, a in page.tags)
    assert not any("src" in script for script in page.all("script"))
    assert not page.all("link")
    assert html.count("url(") == html.count("url(#") == 1
    policy = page.all("meta")[-1]["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "@import" not in html


def test_links_lead_somewhere(page):
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    inside = {a["href"] for a in page.all("a") if not a["href"].startswith(BESIDE)}
    assert {address.removeprefix("#") for address in inside} <= set(names)


def section(page, anchor):
    """Where a section begins among the page's tags."""
    return page.tags.index(("section", {"id": anchor}))


def contents(page):
    """What the table of contents leads to, in its order."""
    return [a["href"].removeprefix("#") for _, a in page.tags if a.get("href", "")[:1] == "#"][1:]


def test_contents_and_sections_follow_the_topics(page):
    anchors = [topic.anchor for topic in TOPICS]
    levels = ("experiment-", "group-")
    listed = [anchor for anchor in contents(page) if not anchor.startswith(levels)]
    assert listed == [attributes["id"] for attributes in page.all("section")]
    # The tests' study sets no simulated frames beside measured ones, has no noise regimes, holds
    # no scales against the truth and no residuals against the noise, and has no controls, no images
    # without a truth, no sweep of light, no sparse stacks, none that become planes, no truth
    # that is sharper, no labels and no claims of CARE's.
    left_out = (
        "claims",
        "looks",
        "regimes",
        "calibration",
        "without-truth",
        "dose",
        "resolution",
        "projection",
        "isotropy",
        "residuals",
        "controls",
        "segmentation",
        "brightness",
        "mismatch",
    )
    assert listed == [name for name in anchors if name not in left_out]
    assert len(anchors) == len(set(anchors))


def test_that_images_are_planes_of_stacks_is_said():
    told = results()
    known = {"filter": "projection", "options": {"how": "known-surface", "half_planes": 1}}
    config = {
        **told.config,
        "datasets": {"wing": {"target": "plane"}},
        "methods": {"true-surface": known},
    }
    (topic,) = (topic for topic in TOPICS if topic.anchor == "projection")
    (part,) = topic.parts(replace(told, config=config))
    first, second = part.sentences
    assert "images of wing are stacks" in first
    assert "the noisy input that is shown and scored is their maximum along z" in first
    assert second.startswith("True-surface takes the true surface")
    assert topic.parts(told) == []


def test_a_new_topic_is_one_entry():
    def weather(results):
        table = timing.timing_table(results.jobs)
        drawn = Picture("conventions", "A cloud", "Clouds over the study.")
        day = Article("monday", "Monday", "On Monday", [Sentences(["It <rained>."])])
        return [Sentences(["Fair."]), drawn, day, Folded("All clouds", [table])]

    new = Topic("weather", "Weather", "Was it fair?", weather)
    page = Page(report.render(results(), [*TOPICS[:2], new, *TOPICS[2:]]))
    at = contents(page).index("weather")
    assert contents(page)[at - 1 : at + 3] == ["plot", "weather", "monday", "experiments"]
    assert section(page, "plot") < section(page, "weather") < section(page, "experiments")
    assert "Was it fair? Fair. Clouds over the study. On Monday It <rained>. All clouds" in (
        page.text
    )
    assert "A cloud" in [picture.get("alt") for picture in page.all("img")]


def test_a_topic_with_nothing_to_say_is_left_out():
    silent = Topic("silence", "Silence", "Silence", lambda results: [])
    assert "Silence" not in report.render(results(), [*TOPICS, silent])


def test_pictures_and_tables_are_labelled(page):
    figures = [picture for picture in page.all("img") if "src" in picture]
    assert len(figures) == 13
    assert all(picture["alt"] for picture in figures)
    assert len(page.all("caption")) == len(page.all("table")) > 20
    assert {heading["scope"] for heading in page.all("th")} == {"col", "row"}


def test_what_users_write_is_escaped(html, page):
    assert "Small networks &amp; &lt;few&gt; images." in html
    assert "actin by <m.>" in page.text


def test_the_page_names_data_convention_seeds_and_origin(page):
    for expected in (
        *("simulated", "measured", "Score convention 'care': as CARE scores", "Seeds: 0."),
        *("1,200 steps", "8 images of 1 field", "58,000", "abc123", "snakemake --cores all"),
        *("shift applied to 1", "Copies of another image: c."),
        "No p-values for DDS: frames or tiles of one field are not independent samples.",
    ):
        assert expected in page.text


def test_who_has_no_p_value_is_named():
    made = results()
    same = "all differences are the same"
    tests = made.comparisons.copy()
    of_fft = (tests["experiment"] == "AA") & (tests["method"] == "fft")
    tests.loc[of_fft, ["p", "significant", "note"]] = [float("nan"), "", same]
    told = sentences.headlines(made.summary, tests, convention="care")
    assert f"No p-values for FFT in AA: {same}." in told
    assert any(sentence.startswith("No p-values for DDS: frames") for sentence in told)


def test_with_several_seeds_the_methods_are_spoken_of():
    made, tests = results(), compared(seeds=("0", "1"))
    told = " ".join(sentences.headlines(made.summary, tests, convention="care"))
    assert "(PSNR and SSIM; test over images and seeds) are significant" in told
    assert "trained once" not in told
    filters = tests.assign(seeds=0, reference_seeds=1, about="one network")
    (once,) = (
        text
        for text in sentences.headlines(made.summary, filters, convention="care")
        if "once" in text
    )
    assert once.startswith("Laplace was trained once: differences and tests are said of this one ")


def test_too_few_images_are_told_with_how_many_would_do():
    made = results()
    tests = made.comparisons.copy()
    of_aa = tests["experiment"] == "AA"
    note = "3 images cannot show a difference"
    tests.loc[of_aa, ["n", "n_fields", "p", "significant", "note"]] = [3, 3, np.nan, "", note]
    tests.loc[of_aa, "images_needed"] = 10.0 + np.arange(of_aa.sum())
    told = sentences.headlines(made.summary, tests, convention="care")
    (sentence,) = (text for text in told if note in text)
    assert sentence.startswith(f"No p-values for AA: {note}; some ")
    assert " to " in sentence
    assert "would do (80% power at alpha = 0.05), if differences and" in sentence


def test_headlines_tell_who_wins_and_who_loses():
    made = results()
    told = sentences.headlines(made.summary, made.comparisons, convention="care")
    text = " ".join(told)
    assert "By PSNR the best network is ahead of the best filter in 2 of 3 experiments" in text
    assert "a filter is ahead or level in MA." in text
    assert "Best network by PSNR: FFT in AA, MA and DDS." in text
    assert "Against Laplace, 8 of 8 tests" in text
    assert "FFT is better by PSNR in AA and MA" in text
    assert "Bandpass is worse by PSNR in AA and MA" in text
    assert (
        "Worse than the noisy input by PSNR, or less than 0.05 dB better: Bandpass in MA." in text
    )


def test_a_network_that_returns_its_input_is_named():
    made = results()
    laplace = (made.summary["method"] == "laplace") & (made.summary["experiment"] == "MA")
    made.summary.loc[laplace, "psnr"] = 20.04
    told = sentences.headlines(made.summary, made.comparisons, convention="care")
    assert any("0.05 dB better: Laplace in MA and Bandpass in MA." in said for said in told)


def test_headlines_follow_the_numbers():
    made = results()
    summary = made.summary.copy()
    summary.loc[summary["method"] == "tv", "psnr"] = 99.0
    comparisons = made.comparisons.assign(significant="no")
    text = " ".join(sentences.headlines(summary, comparisons, convention="care"))
    assert (
        "By PSNR the best network is ahead of the best filter in 0 of 3 experiments; a filter "
        in text
    )
    assert "Against Laplace, 0 of 8 tests" in text
    assert "is better by" not in text


def why(made, config=CONFIG, **changed):
    summary = made.summary.copy()
    summary.loc[summary["method"] == "tv", "psnr"] = 99.0
    parts = {"experiments": made.experiments, "quality": made.quality, **changed}
    return sentences.why_filters_lead(
        summary, parts["experiments"], config, parts["quality"], convention="care"
    )


def test_where_a_filter_leads_the_usual_causes_are_named():
    made = results()
    assert (
        sentences.why_filters_lead(
            made.summary[made.summary["method"] != "tv"],
            made.experiments,
            CONFIG,
            made.quality,
            convention="care",
        )
        == []
    )
    told = why(made)
    assert [line.partition(":")[0] for line in told] == ["AA", "MA", "DDS"]
    assert "the networks were trained on another sample (mito)" in told[1]
    assert "another sample" not in told[0]
    assert "normalised each by itself" in told[0]
    pairs = pd.DataFrame({"split": ["train"] * 4, "gain": [10.0, 11, 30, 31]})
    few = made.experiments.assign(train_images=1)
    unlike = why(made, quality={"actin": pairs}, experiments=few)[0]
    assert "there is only 1 image to train on" in unlike
    assert "10.3 to 30.7 times as bright" in unlike
    methods = {
        name: {**method, "normalization": "photons"} if "network" in method else method
        for name, method in CONFIG["methods"].items()
    }
    many = made.experiments.assign(train_images=50)
    clear = why(made, config={**CONFIG, "methods": methods}, experiments=many)[0]
    assert "none of the usual causes" in clear


def test_an_experiments_sentences_give_margins_and_evidence():
    made = results()
    summary = made.summary[
        (made.summary["experiment"] == "MA") & (made.summary["convention"] == "care")
    ]
    comparisons = made.comparisons[
        (made.comparisons["experiment"] == "MA") & (made.comparisons["convention"] == "care")
    ]
    psnr = summary.set_index("method")["psnr"]
    first, *_, tests, once = sentences.experiment_sentences(summary, comparisons)
    assert first == (
        f"Best by PSNR: TV, {psnr['tv']:.2f} dB, {psnr['tv'] - psnr['fft']:.2f} dB above the best "
        f"network (FFT) and {psnr['tv'] - psnr['noisy']:.2f} dB above the noisy input."
    )
    assert once == (
        "Laplace, FFT and Bandpass were trained once: differences and tests are said of these "
        "networks, not of the methods (for that, train at least 2 seeds, better 3 or more)."
    )
    assert tests.startswith("Against Laplace: FFT PSNR +")
    assert "significant)" in tests


def test_of_equals_all_are_best():
    summary = results().summary.query("experiment == 'AA' and convention == 'care'").copy()
    summary.loc[summary["method"].isin(["fft", "laplace"]), "psnr"] = 61.0
    summary.loc[summary["method"].isin(["tv", "noisy"]), "psnr"] = 60.0
    leaders = sentences.best_of_each_kind(summary, "psnr").loc["AA"]
    assert (leaders["network"], leaders["filter"]) == ("Laplace and FFT", "TV")
    told = sentences.experiment_sentences(summary, compared().iloc[:0])
    assert told[0] == (
        "Best by PSNR: Laplace and FFT, 61.00 dB, 1.00 dB above the best filter (TV) and 1.00 dB "
        "above the noisy input."
    )


def test_an_experiment_names_who_has_no_p_value():
    summary = results().summary.query("experiment == 'AA' and convention == 'care'")
    tests = compared().query("experiment == 'AA' and convention == 'care'").copy()
    same = tests["method"] == "fft"
    tests.loc[same, ["p", "note"]] = [float("nan"), "all differences are the same"]
    told = sentences.experiment_sentences(summary, tests)
    assert told[-1] == "No p-values for FFT in AA: all differences are the same."


def test_the_page_tells_whether_the_convention_matters(page):
    assert "In every experiment the ranking by PSNR is the same in all conventions." in page.text
    assert "Convention 'range255' is left out for dendra" in page.text
    assert "Mean PSNR (dB) ↑ in every convention" in page.text


def test_the_page_tells_what_is_sharper(html, page):
    assert "Sharper than Laplace by more than 5%: FFT" in page.text
    assert "AA. Left: amplitude of the fine detail" in page.text
    assert [a["alt"] for a in page.all("img") if "Sharpness" in a.get("alt", "")] == [
        f"Sharpness in {name}" for name in ("AA", "MA", "DDS")
    ]


def test_the_page_tells_what_the_statistics_show(page):
    assert "Of the family of 8 tests, 8 stay significant after Holm's correction" in page.text
    assert "AA, 6 images: FFT is on average better than Laplace by" in page.text
    assert "Movies: differences from Laplace in the convention 'care'" in page.text
    assert "Effective frames" in page.text


def test_what_is_not_significant_after_correction_is_not_named():
    tests = compared().assign(p_holm=0.2, equivalent="no")
    corrected, equivalent = sentences.corrected_sentences(tests)
    assert corrected.endswith("0 stay significant after Holm's correction.")
    expected = "Of the 32 with a margin of equivalence, 0 show a difference within it."
    assert equivalent == expected
    half = tests.assign(p_tost=tests["p_tost"].where(tests["metric"] == "psnr"))
    assert sentences.corrected_sentences(half)[1].startswith("Of the 16 with a margin")
    equal = tests.assign(equivalent="yes")
    assert "FFT by PSNR in AA" in sentences.corrected_sentences(equal)[1]
    assert sentences.corrected_sentences(tests.assign(p_holm=float("nan"))) == []


def test_less_of_an_error_is_better():
    tests = compared().query("experiment == 'AA' and method == 'fft' and convention == 'care'")
    tests = tests.assign(metric="nrmse", mean_difference=-0.01, p_holm=0.001)
    assert "FFT is better by NRMSE in AA" in sentences.corrected_sentences(tests)[0]
    worse = tests.assign(mean_difference=0.01)
    assert "FFT is worse by NRMSE in AA" in sentences.corrected_sentences(worse)[0]


def test_simulated_frames_stand_beside_measured_ones():
    made = results()
    beside = pd.DataFrame(
        [["cells", "gain 2", name, 2.0, 2.5] for name in QUANTITIES],
        columns=["pair", "camera", "quantity", "value_simulated", "value_measured"],
    )
    figures = {**made.figures, "looks-cells": made.figures["learning-curves"]}
    page = Page(report.render(replace(made, looks=beside, figures=figures)))
    assert "Noise of cells, simulated against measured: gain" in page.text
    assert "Simulated beside measured frames: cells" in [img.get("alt") for img in page.all("img")]


def test_scores_by_noise_regime_stand_beside_the_printed_ones(page):
    made = results()
    columns = ["dataset", "method", "convention", "noise_regime"]
    columns += ["printed", "printed_two_sem", "psnr", "two_sem", "frames"]
    compared = pd.DataFrame(
        [
            ["fish", "noisy", "range255", "NR1", "22.81", "0.02", 22.81, 0.03, 50],
            ["fish", "n2v", "range255", "NR1", "32.10", "0.02", 31.85, 0.05, 50],
        ],
        columns=columns,
    )
    figures = {**made.figures, "regimes": made.figures["conventions"]}
    shown = Page(report.render(replace(made, regimes=compared, figures=figures)))
    assert "N2V range255 Printed 32.10 ± 0.02 N2V range255 This study 31.85 ± 0.05" in shown.text
    assert "noise regime: N2V −0.25 dB." in shown.text
    assert shown.text.count("the mean of its fifty single frames") == 1
    assert any("PSNR of every method" in img.get("alt", "") for img in shown.all("img"))
    assert "#regimes" in {a["href"] for a in shown.all("a")}
    assert "#regimes" not in {a["href"] for a in page.all("a")}


def test_cares_claims_are_answered_one_by_one(page):
    said = {"claim": "axial", "measure": "along", "says": "Stacks are restored", "place": "Fig. 3"}
    missing = {"claim": "speed", "measure": "seconds", "says": "It is fast", "printed": "< 20 s"}
    found = {"experiment": "cells", "data": "simulated", "method": "care", "beside": "cubic"}
    found |= {"images": 6, "value": 0.5, "beside_value": 0.1, "low": 0.4, "high": 0.6}
    found |= {"interval": "value", "verdict": "holds"}
    rows = [said | found, missing | {"place": "Results", "verdict": "not measured"}]
    empty = {name: "" for name, kind in care.COLUMNS.items() if kind is str}
    claims = pd.DataFrame([empty | row for row in rows], columns=list(care.COLUMNS))
    shown = Page(report.render(replace(results(), claims=claims)))
    assert "Do CARE's claims hold here?" in shown.text
    assert "1 hold here, 0 do not and 0 cannot be told; 1 more" in shown.text
    assert "Stacks are restored holds not printed Power along z over the truth's 0.50" in shown.text
    assert "0.50 (CARE) 0.10 (Cubic) 0.40 to 0.60 It" in shown.text
    assert "It is fast not measured < 20 s" in shown.text
    assert "(Results; < 20 s). Not measured by this study." in shown.text
    assert "#claims" in {a["href"] for a in shown.all("a")}
    assert "#claims" not in {a["href"] for a in page.all("a")}


def test_pairs_that_do_not_belong_together_stand_on_top(page):
    made = results()
    unlike = made.quality["actin"].assign(
        low_signal=0.9, high_signal=0.9, structure=[0.01, 0.9, 0.95], structure_error=0.02
    )
    html = report.render(replace(made, quality={"actin": unlike}))
    sentence = "actin, train: 1 of 2 (a) have exposures that do not correlate, as those of two"
    assert html.index("</header>") < html.index(sentence) < html.index("<section")
    assert "Pairs to look at" not in page.text


def test_a_network_that_a_filter_beats_in_validation_is_told(page):
    worse = pd.DataFrame({"method": ["tv", "fft"], "image": ["t1", "t1"], "psnr": [31.5, 30.25]})
    shown = Page(report.render(replace(results(), validation={("actin", "fft", "0"): worse})))
    said = "Trained on actin, seed 0: on the one image kept from training, the filter TV has a"
    assert said in shown.text
    assert "kept from training, the filter" not in page.text


def test_the_page_tells_what_noise_is_like(page):
    shown = "actin structN2V 3 frames 2 −40 100 3.5 0.56 0.02 0.2 0 0.20% 90 to 4095"
    assert "#noise" in {a["href"] for a in page.all("a")}
    assert shown in page.text
    assert "mito no card m – – – –" in page.text
    assert "actin: Noise is correlated along x. mito: The image is too small." in page.text
    assert "dendra structN2V 2 of 2 fields 2 −40" in page.text
    assert "From field to field the gain is 2 to 9.25, and the correlation 0.56" in page.text
    assert "along y; 1 of 2 are in other units than the rest." in page.text
    assert not any("warning" in tag.get("class", "") for tag in page.all("div"))


def test_the_viewer_offers_several_images_of_an_experiment():
    scenes = {name: scene() for name in ("AA", "AA, best", "AA, worst")}
    data = viewer.viewer_data(
        scenes, descriptions={"AA": "actin"}, recommended={}, limit_bytes=10**6
    )
    labels = [experiment["label"] for experiment in data["experiments"]]
    assert labels == ["AA: actin", "AA, best: actin", "AA, worst: actin"]


def test_what_is_trained_on_noise_that_contradicts_it_is_told():
    hidden = NETWORK | {"objective": "noise2void", "masking": {"percent": 1.5}}
    line = {"direction": "horizontal", "length": 9}
    methods = {
        **CONFIG["methods"],
        **{"laplace": hidden | {"loss": "mae"}, "fft": hidden | {"loss": "pn2v"}},
        "bandpass": hidden | {"loss": "mae", "masking": {"percent": 1.5, "line": line}},
    }
    page = Page(report.render(replace(results(), config=CONFIG | {"methods": methods})))
    assert "Laplace and FFT on actin: noise must be independent from pixel to pixel" in page.text
    assert page.text.count("noise must be independent from pixel to pixel") == 1


def test_the_page_tells_which_printed_numbers_cannot_be_right(page):
    assert "cannot be right." in page.text
    assert "Printed values that cannot be right" in page.text
    assert "Printed values recomputed from the printed rows" in page.text


def test_the_page_shows_printed_means_and_chosen_strengths(page):
    assert "Mean scores and what the paper prints" in page.text
    assert "PSNR (dB) ↑ Printed 30.444 38.779 37.982 38.877" in page.text
    assert "actin TV weight 0.2 0.1 0.3" in page.text


def test_lost_brightness_is_told():
    summary = summarise(by_experiment(), EXPERIMENTS)
    (sentence,) = sentences.brightness_sentences(summary)
    assert sentence.endswith("Laplace −2.00 dB, FFT −2.00 dB and Bandpass −2.00 dB.")
    assert sentences.brightness_sentences(summary[summary["convention"] == "care"]) == []


def test_a_study_without_printed_numbers_or_networks_has_a_page_too():
    made = results()
    filters = {"tv", "noisy"}
    config = CONFIG | {
        "methods": {name: CONFIG["methods"][name] for name in filters},
        "statistics": {"references": ["tv"], "alpha": 0.05},
        "networks": {},
    }
    scores = made.study.scores[made.study.scores["method"].isin(filters)]
    kinds = ("montage", "scores", "sharpness")
    alone = replace(
        made,
        config=config,
        summary=made.summary[made.summary["method"].isin(filters)],
        comparisons=made.comparisons[:0],
        study=replace(made.study, scores=scores, methods=["noisy", "tv"]),
        published=None,
        cards={},
        figures={k: v for k, v in made.figures.items() if k.rpartition("-")[0] in kinds},
    )
    page = Page(report.render(alone))
    assert len([picture for picture in page.all("img") if "src" in picture]) == 9
    assert "The paper's" not in page.text
    assert "#audit" not in {a["href"] for a in page.all("a")}
    assert "No network was trained." in page.text
    assert "Training: " not in page.text


def test_light_figures_are_packed_without_loss_and_heavy_ones_small():
    step = FIGURE_STEPS[0]
    light = png()
    packed = base64.b64decode(pack_figure(light, step).source.split(",")[1])
    with Image.open(io.BytesIO(packed)) as back, Image.open(io.BytesIO(light)) as original:
        assert back.format == "WEBP"
        assert np.array_equal(np.asarray(back), np.asarray(original))
    heavy = png(6000)
    assert len(pack_figure(heavy, step).source) < len(heavy)


@pytest.mark.parametrize("share", [1, 0.4, 0.15, 0.05])
@pytest.mark.parametrize(
    ("steps", "packing"),
    [
        (SCENE_STEPS, pack),
        (FIGURE_STEPS, pack_figure),
    ],
    ids=["scenes", "figures"],
)
def test_pictures_keep_within_a_limit(steps, packing, share):
    given = {name: png(700) for name in "ab"}
    limit = round(share * sum(map(len, given.values())) * 4 / 3)
    packed, step = pack_within(given, steps=steps, limit_bytes=limit, packing=packing)
    assert sum(len(picture.source) for picture in packed.values()) <= limit
    before = steps[: steps.index(step)]
    for better in before:
        heavier = [packing(png, better).source for png in given.values()]
        assert sum(map(len, heavier)) > limit


def test_the_page_is_small_enough_to_be_sent(monkeypatch):
    assert page_module.FIGURE_BYTES + topics.SCENE_BYTES < 13_000_000
    made = results()
    heavy = replace(made, figures={name: png(900) for name in made.figures})
    monkeypatch.setattr(page_module, "FIGURE_BYTES", 150_000)
    monkeypatch.setattr(topics, "SCENE_BYTES", 20_000)
    html = report.render(heavy)
    embedded = sum(map(len, re.findall(r"data:image/webp;base64,[^\"]+", html)))
    assert 0 < embedded <= 170_000


def test_smaller_scenes_are_the_middle_and_smaller_figures_the_whole():
    rows = np.zeros((80, 80, 3), np.uint8)
    rows[20:60, 20:60] = 255
    buffer = io.BytesIO()
    Image.fromarray(rows).save(buffer, "PNG")

    def mean(step):
        packed = pack(buffer.getvalue(), step)
        assert (packed.width, packed.height) == (40, 40)
        data = base64.b64decode(packed.source.split(",")[1])
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image).mean()

    assert mean(Step(None, 0.5, cut=True)) == 255
    assert mean(Step(None, 0.5)) == pytest.approx(255 / 4, rel=0.1)


def test_the_viewer_says_what_its_pictures_show():
    made = results()
    names = dict.fromkeys(made.scenes, "what it is")
    data = viewer.viewer_data(made.scenes, descriptions=names, recommended={}, limit_bytes=10**6)
    first = data["experiments"][0]
    assert [entry["label"] for entry in first["pictures"]][-2:] == ["TV", "Truth"]
    assert first["pictures"][0]["scores"] == "20.00 dB, SSIM 0.500"
    assert first["views"] == [{"label": "", "section": False, "width": 60, "height": 40}]
    assert first["tops"] == {
        **{"error": "0.062 of the truth's range", "width": "0.125 of the truth's range"},
    }
    assert data["maps"] == {"error": "Error map", "width": "Interval width"}
    assert [list(entry["views"][0]["maps"]) for entry in first["pictures"][:2]] == [
        ["error"],
        ["error", "width"],
    ]
    assert first["pictures"][-1]["views"][0]["maps"] == {}
    assert first["caption"] == "image image-2"
    assert "without loss" in data["packing"]
    card = {**made.scenes["AA"].card, "whole": [400, 600]}
    part = {"AA": replace(made.scenes["AA"], card=card)}
    cut = viewer.viewer_data(part, descriptions=names, recommended={}, limit_bytes=20_000)
    assert cut["experiments"][0]["caption"] == "part of image image-2"
    assert "of each side" in cut["packing"]
    assert cut["experiments"][0]["views"][0]["width"] < 60


def test_the_viewer_shows_planes_and_sections_of_a_volume():
    made = {"AA": scene(), "AA, best": scene(volume=True)}
    data = viewer.viewer_data(made, descriptions={"AA": "-"}, recommended={}, limit_bytes=10**6)
    assert data["volumes"]
    shown = data["experiments"][1]
    assert [(view["label"], view["section"], view["height"]) for view in shown["views"]] == [
        *(("plane 1 of 3", False, 40), ("plane 2 of 3", False, 40), ("plane 3 of 3", False, 40)),
        *(("section along z and x", True, 20), ("section along z and y", True, 20)),
    ]
    assert shown["first"] == 1
    for picture in shown["pictures"]:
        sources = [view["image"] for view in picture["views"]]
        assert len(set(sources)) == 5
    maps = [list(view["maps"]) for view in shown["pictures"][1]["views"]]
    assert maps == [["error", "width"]] * 5
    assert not viewer.viewer_data(
        {"AA": scene()}, descriptions={"AA": "-"}, recommended={}, limit_bytes=10**6
    )["volumes"]


def test_the_viewer_shows_what_has_no_truth():
    scenes = {"AA": scene(truth=False)}
    data = viewer.viewer_data(scenes, descriptions={"AA": "new"}, recommended={}, limit_bytes=10**6)
    (shown,) = data["experiments"]
    assert shown["caption"].endswith("which has no truth; all are fitted to the noisy input")
    assert shown["tops"] == {"width": "0.125 of the grey range"}
    assert [picture["label"] for picture in shown["pictures"]][-1] == "TV"
    assert {picture["scores"] for picture in shown["pictures"]} == {""}
    maps = [list(picture["views"][0]["maps"]) for picture in shown["pictures"]]
    assert maps[:2] == [[], ["width"]]


def test_the_viewer_has_a_switch_for_disagreement_where_an_ensemble_has_one():
    made = scene()
    card = {**made.card, "tops": {**made.card["tops"], "disagreement": 0.25}}
    pictures = {**made.pictures, "disagreement-laplace": made.pictures["width-laplace"]}
    page = Page(report.render(replace(results(), scenes={"AA": viewer.Scene(card, pictures)})))
    assert [box["id"] for box in page.all("input") if "data-map" in box] == [
        *("viewer-error", "viewer-width", "viewer-disagreement"),
    ]
    assert "1 where they have nothing in common" in page.text
    data = viewer.viewer_data(
        {"AA": viewer.Scene(card, pictures)},
        descriptions={"AA": "new"},
        recommended={},
        limit_bytes=10**6,
    )
    assert data["experiments"][0]["tops"]["disagreement"] == "0.250, of 1"


def test_the_error_colours_are_those_of_the_montage():
    colours = viewer.error_colours()
    assert colours[0] == "#000004"
    assert len(colours) == len(viewer.error_filter()[0].split())
    red = [float(value) for value in viewer.error_filter()[0].split()]
    assert [round(255 * value) for value in red] == [int(colour[1:3], 16) for colour in colours]


def test_seconds_are_summed_and_the_slowest_named():
    jobs = results().jobs
    total, slowest = timing.timing_sentences(jobs)
    assert total == (
        "The last runs of the 4 jobs before this page took 2 min 43 s in sum, 98% of it in train."
    )
    assert slowest.startswith("The slowest: train actin/fft/seed0 (100 s), train actin/mae/seed0")
    first = [cell.text for cell in timing.timing_table(jobs).rows()[0]]
    assert first == ["train", "2", "160.4", "80.2", "100.4", "500"]
    assert timing.timing_sentences(jobs[:0]) == []


def test_seconds_are_told_by_method():
    jobs = pd.DataFrame(
        [
            ["train", "actin/fft/seed0", 100.0, 0.0],
            ["predict", "actin/actin.fft.seed0", 12.0, 0.0],
            ["predict_posterior", "dendra/dendra.pn2v-prior.seed1", 4.0, 0.0],
            *(["filter", f"{test_set}/tv", 3.0, 0.0] for test_set in ("actin", "dendra")),
            ["filter", "actin/noisy", 1.0, 0.0],
        ],
        columns=["rule", "job", "seconds", "memory_mb"],
    )
    made = results()
    cards = {("actin", "fft", str(seed)): made.cards["actin", "fft", "0"] for seed in (0, 1)}
    cards["mito", "fft", "0"] = {**cards["actin", "fft", "0"], "device": "cuda", "seconds": 9.0}
    table = timing.methods_timing(jobs, cards=cards, experiments=EXPERIMENTS)
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows()}
    # Six images of actin, eight of dendra.
    assert rows == {
        "FFT": ["3", "cpu and cuda", "31", "2.00"],
        "PN2V prior mean": ["–", "–", "–", "0.50"],
        "TV": ["–", "–", "–", "0.44"],
    }
    assert timing.methods_timing(jobs[:0], cards={}, experiments=EXPERIMENTS).rows() == []


def test_the_page_tells_what_predicted_scales_are_worth():
    made = results()
    drawn = {f"{kind}-AA": made.figures["sharpness-AA"] for kind in ("calibration", "profile")}
    page = Page(report.render(replace(made, calibration=averaged(), figures=made.figures | drawn)))
    assert "They lie beside this page" not in page.text
    assert "calibration" in contents(page)
    assert "Do predicted intervals hold the truth? AA, Laplace (means over networks" in page.text
    assert "No guarantee: 3 fields were kept from training" in page.text
    assert "What predicted scales are worth" in page.text
    named = [image.get("alt") for image in page.all("img")]
    assert {
        *("Reliability and sparsification in AA", "A line profile with its 90 % band in AA")
    } <= set(named)


def test_samples_are_linked_beside_the_page():
    made = results()
    drawn = {f"{kind}-AA": made.figures["sharpness-AA"] for kind in ("calibration", "profile")}
    page = Page(
        report.render(
            replace(
                made,
                calibration=averaged(),
                figures=made.figures | drawn,
                flicker={("AA", "laplace"): "figures/flicker-AA.laplace.gif"},
            )
        )
    )
    assert "figures/flicker-AA.laplace.gif" in [a.get("href") for a in page.all("a")]
    assert "They lie beside this page:" in page.text
    assert "AA, Laplace" in page.text


def test_the_page_tells_what_was_invented_and_erased():
    figures = {**results().figures, "residuals-AA": png(), "residuals-MA": png()}
    page = Page(report.render(replace(results(), residuals=measured_residuals(), figures=figures)))
    assert "residuals" in contents(page)
    assert "Was structure invented or erased? Asked without a truth" in page.text
    assert "AA: FFT 2.0 % of the pixels flagged as invented" in page.text
    assert "Invented or erased in MA" in page.text
    assert "What residuals tell" in page.text


def test_the_page_tells_what_is_made_of_pure_noise_and_flat_fields():
    figures = {**results().figures, "controls-AA": png(), "controls-MA": png()}
    page = Page(report.render(replace(results(), controls=measured_controls(), figures=figures)))
    assert "controls" in contents(page)
    assert "FFT invents 2.5 structures an image" in page.text
    assert "Pure noise and a flat field in MA" in page.text


def test_the_page_tells_what_restoration_is_worth_to_a_segmentation():
    figures = {f"segmentation-nuclei.{name}": png() for name in ("AA", "MA")}
    shown = replace(
        results(),
        segmentation=study_segmentation.averaged(),
        segmentation_tests=study_segmentation.compared(),
        pipelines={"nuclei": study_segmentation.PIPELINE},
        figures={**results().figures, **figures},
    )
    page = Page(report.render(shown))
    assert "segmentation" in contents(page)
    assert "Bandpass is worse than the best filter by 0.059" in page.text
    assert "among 60 settings by SEG (0.712)" in page.text
    assert "Objects found in MA by nuclei" in page.text
    assert "Objects found, against the best filter" in page.text


def test_the_page_tells_whether_content_not_trained_on_is_noticed():
    frame = measured_residuals()
    many = [frame.assign(image=frame["image"] + f"-{number}") for number in range(4)]
    page = Page(report.render(replace(results(), residuals=pd.concat(many))))
    assert "Is content not trained on noticed? The same images" in page.text
    assert "actin, Laplace: trained on mito instead of actin, AUC by" in page.text


def test_what_a_loss_does_not_see_is_told_wherever_a_table_names_the_method():
    blind = {("actin", "fft", "0"): {**CARD, "sees_brightness": False}}
    shown = replace(results(), cards=blind, residuals=measured_residuals())
    html = report.render(shown)
    said = "Brightness is arbitrary in images of FFT: the loss does not see it."
    assert said in Page(html).text
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", html)
    assert "Use FFT (brightness arbitrary)." in html
    assert cells.count("FFT (brightness arbitrary)") > 10
    assert "FFT" not in cells
    plain = report.render(replace(shown, cards=results().cards))
    assert "(brightness arbitrary)" not in plain
    assert "Contrast is not kept" in plain


def test_an_ensemble_is_told_by_its_members_and_not_timed_as_if_they_took_nothing():
    entry = {"ensemble": {"of": "fft", "members": [2, 0]}}
    config = {**CONFIG, "methods": {**CONFIG["methods"], "mean": entry}, "seeds": [0, 1, 2]}
    (row,) = [row for row in tables.methods_table(config).rows() if row[1].text == "mean"]
    assert row[2].text == "mean of the networks of FFT of the seeds 0 and 2"
    config["methods"]["mean"] = {"ensemble": {"of": "fft"}}
    (row,) = [row for row in tables.methods_table(config).rows() if row[1].text == "mean"]
    assert row[2].text == "mean of the networks of FFT of the seeds 0, 1 and 2"
    assert "mean" in replace(results(), config=config).networks
    jobs = pd.DataFrame(
        [
            ["predict", "actin/actin.fft.seed0", 12.0, 0.0],
            ["predict_ensemble", "actin/actin.mean.ensemble", 1.0, 0.0],
        ],
        columns=["rule", "job", "seconds", "memory_mb"],
    )
    table = timing.methods_timing(jobs, cards={}, experiments=EXPERIMENTS)
    assert [row[0].text for row in table.rows()] == ["FFT"]
    assert table.notes[-1] == "An ensemble takes the seconds of all its networks together."


def test_templates_are_packaged():
    folder = Path(report.__file__).parent / "templates"
    assert {path.name for path in folder.iterdir()} == {
        *("report.html.j2", "viewer.html.j2", "provenance.html.j2", "report.css", "report.js"),
        *("choice.html.j2", "plot.html.j2", "glossary.html.j2"),
    }


def without_truth(experiments, *names):
    made = experiments.copy()
    made.loc[made["experiment"].isin(names), "truth"] = "no"
    return made


def test_what_has_no_truth_is_shown_but_not_scored():
    made = results()
    experiments = without_truth(made.experiments, "DDS")
    scored = made.summary["experiment"] != "DDS"
    row = {"image": "a", "split": "test", "shift_y": np.nan, "applied": "no"}
    unpaired = pd.DataFrame([row])
    page = Page(
        report.render(
            replace(
                made,
                experiments=experiments,
                summary=made.summary[scored],
                comparisons=made.comparisons[made.comparisons["experiment"] != "DDS"],
                figures=made.figures | {"restored-DDS": png()},
                quality=made.quality | {"new": unpaired.assign(duplicate_of="")},
            )
        )
    )
    assert "Without a truth: DDS. Their images are restored and shown, but neither" in page.text
    assert "All restored images: results/tiny/restored/dendra/" in page.text
    # As in the picture, the noisy input comes first, wherever the study's file names it.
    assert list(CONFIG["methods"])[-1] == "noisy"
    assert "by each method (Noisy input, Laplace, FFT, Bandpass and TV)" in page.text
    assert "1 image without a long exposure" in page.text
    assert "Scores of every image of experiment DDS" not in page.text
    assert {"experiment-AA", "experiment-DDS"} <= {a.get("id") for a in page.all("article")}


def test_a_study_without_any_truth_has_a_page_too():
    made = results()
    names = list(made.experiments["experiment"])
    nothing = made.matches.assign(resemblance=np.nan)
    page = Page(
        report.render(
            replace(
                made,
                experiments=without_truth(made.experiments, *names),
                **dict.fromkeys(("summary", "comparisons", "study", "published")),
                figures={f"restored-{name}": png() for name in names},
                matches=nothing,
                scenes=dict.fromkeys(names, scene(truth=False)),
            )
        )
    )
    assert "Mean scores" not in page.text
    assert "No test image was compared with those trained on" in page.text
    assert len(page.all("img")) == len(names)
    assert "Without a truth no method can be chosen by its scores." in page.text
    assert page.text.count("What the pictures show") == 1
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [a["href"] for a in page.all("a")]
    assert all(link[1:] in ids for link in links if link.startswith("#"))


def test_a_ranking_without_a_truth_and_the_least_light_have_parts_of_their_own():
    ranked = rank(ranking(), EXPERIMENTS[:1], methods=["noisy", "tv", "laplace", "nlm"])
    row = {"sweep": "cells", "method": "tv", "kind": "filter", "metric": "psnr", "note": ""}
    row |= {"limit": 30.0, "images": 9, "reached": 9, "photons": 5.0, "low": 4.0, "high": 6.2}
    made = results()
    page = Page(
        report.render(
            replace(
                made,
                without_truth=ranked,
                least_light=pd.DataFrame([row], columns=list(dose.LEAST)),
                figures={**made.figures, "dose-cells": next(iter(made.figures.values()))},
            )
        )
    )
    assert {"without-truth", "dose"} <= set(contents(page))
    assert "AA: Laplace is best without a truth, +10.00 dB against the noisy input" in page.text
    assert (
        "PSNR 30.00 dB is reached from so many photons per pixel on: TV 5 (4 to 6.2)." in page.text
    )


def test_a_line_per_experiment_says_which_method_to_use():
    made = results()
    assert report.verdicts(made) == [
        "AA: Use FFT.",
        "MA: Nothing is better than a filter: use TV.",
        "DDS: Frames or tiles of one field are not independent samples: FFT merely has the best "
        "mean PSNR.",
    ]
    names = ("AA", "MA", "DDS")
    unscored = replace(made, experiments=without_truth(made.experiments, *names), runs=None)
    assert report.verdicts(unscored) == [
        f"{name}: Without a truth no method can be chosen by its scores." for name in names
    ]


def test_the_page_begins_with_which_method_to_use(html, page):
    assert html.index("Which method?</h2>") < html.index("Use FFT.") < html.index('id="viewer"')
    assert html.index('id="viewer"') < html.index('id="plot"') < html.index('id="experiments"')
    assert "ahead of the best filter, TV (interval +" in page.text
    assert "AA and MA: rests on 6 simulated images of 6 fields and 1 network of each" in page.text


def test_what_is_chosen_is_what_the_divider_shows_first(html):
    data = re.search(r'<script type="application/json" id="viewer-data">(.*?)</script>', html)
    shown = json.loads(data[1])["experiments"]
    assert [one["recommended"] for one in shown] == ["fft", "tv", "fft"]


def test_the_plot_has_every_method_and_experiment_on_one_scale():
    values = plot_values(
        compared(),
        convention="care",
        reference="laplace",
        descriptions={"AA": "a", "MA": "b", "DDS": "c"},
        arbitrary=["fft"],
    )
    lines = {p["experiment"]: {x["label"]: x for x in p["lines"]} for p in values["panels"]}
    assert list(lines) == ["AA", "MA", "DDS"]
    assert list(lines["AA"]) == ["FFT (brightness arbitrary)", "Bandpass", "TV"]
    fft, tv = lines["AA"]["FFT (brightness arbitrary)"], lines["AA"]["TV"]
    assert tv["low"] < tv["at"] < tv["high"] < values["zero"] < fft["low"] < fft["at"]
    assert lines["DDS"]["TV"]["low"] is None
    everywhere = [line["at"] for one in lines.values() for line in one.values()]
    assert 0 < min(everywhere) < max(everywhere) < 100
    # Places are proportional to differences, whatever the panel.
    rows = compared().query("convention == 'care' and metric == 'psnr' and method == 'tv'")
    apart = rows.set_index("experiment")["mean_difference"]
    steps = [(lines[name]["TV"]["at"] - values["zero"]) / apart[name] for name in lines]
    assert steps == pytest.approx([steps[0]] * 3, rel=0.01)


def test_terms_are_explained_once_a_section_and_as_in_the_glossary():
    explained = Explained()
    assert explained("PSNR & MS-SSIM of <PSNR>") == (
        f'<abbr title="{TERMS["PSNR"]}">PSNR</abbr> &amp; <abbr title="{TERMS["MS-SSIM"]}">MS-SSIM'
        "</abbr> of &lt;PSNR&gt;"
    )
    assert explained("PSNR") == "PSNR"
    explained.anew()
    assert explained("PSNR").startswith("<abbr")
    page = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert rows[1:] == [f"| {term} | {meaning} |" for term, meaning in TERMS.items()]


def test_movies_are_told_of_once(page):
    assert "the frames of this one movie are worth" not in page.text
    assert page.text.count("Movies: differences from Laplace") == 1


def test_a_page_of_2000_images_is_small_and_says_what_it_leaves_out():
    made = results()
    count = 2000
    numbers = dict.fromkeys((name for name in QUALITY if QUALITY[name] is float), 0.9375)
    numbers |= {"low_saturated": 0.0, "high_saturated": 0.0, "hot": 0.0, "shift_y": 0.0}
    numbers |= {"shift_x": 0.0, "noise_ratio": 0.1, "noise_correlation": 0.0}
    rows = pd.DataFrame(
        {
            **{name: [""] * count for name in QUALITY if QUALITY[name] is str},
            **numbers,
            "image": [f"field-{number:04d}" for number in range(count)],
            **{"split": "test", "applied": "no"},
        }
    )[list(QUALITY)]
    rows.loc[rows.index[1000:], "duplicate_of"] = "field-0000"
    rows.loc[1500, "low_saturated"] = 0.5
    scores = made.study.scores
    image = scores["image"].unique()[0]
    many = pd.concat(
        [scores, *(scores[scores["image"] == image].assign(image=name) for name in rows["image"])]
    )
    html = report.render(
        replace(
            made,
            quality=dict.fromkeys(made.config["datasets"], rows),
            study=replace(made.study, scores=many),
            matches=pd.concat([made.matches] * count, ignore_index=True),
            strengths={key: pd.concat([frame] * count) for key, frame in made.strengths.items()},
        )
    )
    # Beside the pictures, which have limits of their own.
    pictures = sum(map(len, re.findall(r"data:image/[^\"]+", html)))
    assert len(html) - pictures < 15_000_000 - topics.SCENE_BYTES - page_module.FIGURE_BYTES
    assert "Of 2,000 rows the first 190 and the last 10 are shown" in html
    assert "In full: registered/actin/quality.tsv." in html
    assert "field-1009, and 990 more." in html
    (table,) = re.findall(r"Every image of actin</span>.*?</table>", html, re.DOTALL)
    shown = re.findall(r"field-\d{4}", re.sub(r"<td[^>]*>field-0000</td>", "", table))
    assert len(shown) == 200
    assert shown[:2] == ["field-1500", "field-0000"]
    assert "Those that one may doubt stand first: 1." in html


def test_the_best_cells_of_a_long_table_stay_where_they_are():
    frame = pd.DataFrame({"Image": [f"i{row}" for row in range(500)], "PSNR": np.arange(500.0)})
    best = frozenset({(0, "PSNR"), (300, "PSNR"), (499, "PSNR")})
    table = page_module._shortened(Table("Long", frame, {"PSNR": str}, best))
    bold = [row[0].text for row in table.rows() if row[1].best]
    assert bold == ["i0", "i499"]
    assert len(table.frame) == 200
    short = Table("Short", frame.head(200), {"PSNR": str})
    assert page_module._shortened(short) is short
