import base64
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from study_tables import EXPERIMENTS, METHODS, by_experiment, compared
from test_paper import published, study

from denoisekit import report, tables
from denoisekit.report import pictures, sentences

NETWORK = {"network": "small", "objective": "supervised"}
CONFIG = {
    "study": "tiny",
    "title": "A tiny study",
    "description": "Small networks & <few> images.",
    "train_sets": {name: {"dataset": name, "patch_size": 64} for name in ("actin", "mito")},
    "methods": {
        **{name: NETWORK | {"loss": name} for name in METHODS[1:4]},
        "tv": {"filter": "tv", "options": {"steps": 3}},
        "noisy": {"filter": "noisy"},
    },
    "networks": {
        "small": {"architecture": "unet", "depth": 2, "kernel_size": 3, "first_filters": 16}
    },
    "seeds": [0],
    "patches": {"per_image": 10, "validation_fraction": 0.2, "seed": 0},
    "training": {
        **{"epochs": 20, "steps_per_epoch": 60, "batch_size": 8, "learning_rate": 0.004},
        **{"augment": True, "schedule": {"name": "cosine", "warmup": 0.1}},
    },
    "conventions": ["care", "calibrated"],
    "statistics": {"reference": "laplace", "alpha": 0.05},
}  # fmt: skip
CARD = {
    **{"parameters": 58_000, "best_epoch": 17, "device": "cpu", "threads": 1, "seconds": 31.4},
}


def png(width: int = 60) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (40, width, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def results() -> report.Results:
    quality = pd.DataFrame(
        {
            **{"image": ["a", "b", "c"], "shift_y": [0.1, -1.5, 0.2], "gain": [20.0, 21, 22]},
            **{"applied": ["no", "yes", "no"], "duplicate_of": ["", "", "a"]},
        }
    )
    figures = [f"{kind}-{name}" for kind in ("montage", "scores") for name in ("AA", "MA", "DDS")]
    return report.Results(
        config=CONFIG,
        experiments=EXPERIMENTS,
        summary=tables.summarise(by_experiment(), EXPERIMENTS),
        comparisons=compared(),
        study=study(),
        published=published(),
        figures=dict.fromkeys([*figures, "figure-1-AA", "figure-2-AA", "learning-curves"], png()),
        cards={("actin", "fft", "0"): CARD},
        quality={"actin": quality},
        strengths={("actin", "tv"): pd.DataFrame({"image": ["a", "b"], "weight": [0.1, 0.3]})},
        matches=pd.DataFrame(
            {
                **{"train": ["actin", "mito"], "test": ["actin", "actin"]},
                **{"test_image": ["a", "b"], "train_image": ["t1", "t2"]},
                **{"resemblance": [0.1, 0.314]},
            }
        ),
        provenance={"Command": "snakemake --cores all", "Commit": "abc123"},
    )


def test_the_most_alike_scenes_are_named():
    sentence = sentences.apart_sentence(results().matches)
    assert "b of actin is most like a training image (t2 of mito), with a resemblance of 0.31" in (
        sentence
    )


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
        self.tags.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html():
    return report.render(results())


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_page_asks_for_nothing_else(html, page):
    assert not page.open
    addresses = [a[key] for _, a in page.tags for key in ("src", "href", "srcset") if key in a]
    assert all(address.startswith(("data:image/webp;base64,", "#")) for address in addresses)
    assert not page.all("script")
    assert not page.all("link")
    assert "url(" not in html
    assert "@import" not in html


def test_links_lead_somewhere(page):
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    assert {a["href"].removeprefix("#") for a in page.all("a")} <= set(names)


def test_pictures_and_tables_are_labelled(page):
    assert len(page.all("img")) == 9
    assert all(picture["alt"] for picture in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) > 20
    assert {heading["scope"] for heading in page.all("th")} == {"col", "row"}


def test_what_users_write_is_escaped(html, page):
    assert "Small networks &amp; &lt;few&gt; images." in html
    assert "actin by <mitochondria>" in page.text


def test_the_page_names_data_convention_seeds_and_origin(page):
    for words in (
        *("simulated", "measured", "Score convention 'care': as CARE scores", "Seeds: 0."),
        *("1,200 steps", "8 images of 1 field", "58,000", "abc123", "snakemake --cores all"),
        *("shift applied to 1", "Copies of another image: c."),
        "No p-values for DDS: frames or tiles of one field are not independent samples.",
    ):
        assert words in page.text


def test_headlines_tell_who_wins_and_who_loses():
    made = results()
    told = sentences.headlines(
        made.summary, made.comparisons, convention="care", reference="laplace", alpha=0.05
    )
    text = " ".join(told)
    assert "By PSNR the best network is ahead of the best filter in 2 of 3 experiments" in text
    assert "a filter is ahead or level in MA." in text
    assert "Best network by PSNR: FFT in AA, MA and DDS." in text
    assert "Against Laplace, 8 of 8 paired t-tests" in text
    assert "FFT is better by PSNR in AA and MA" in text
    assert "Bandpass is worse by PSNR in AA and MA" in text
    assert "Worse than the noisy input by PSNR: Bandpass in MA." in text


def test_headlines_follow_the_numbers():
    made = results()
    summary = made.summary.copy()
    summary.loc[summary["method"] == "tv", "psnr"] = 99.0
    comparisons = made.comparisons.assign(significant="no")
    text = " ".join(
        sentences.headlines(
            summary, comparisons, convention="care", reference="laplace", alpha=0.05
        )
    )
    assert (
        "By PSNR the best network is ahead of the best filter in 0 of 3 experiments; a filter "
        in text
    )
    assert "Against Laplace, 0 of 8 paired t-tests" in text
    assert "is better by" not in text


def test_an_experiments_sentences_give_margins_and_evidence():
    made = results()
    summary = made.summary[
        (made.summary["experiment"] == "MA") & (made.summary["convention"] == "care")
    ]
    comparisons = made.comparisons[
        (made.comparisons["experiment"] == "MA") & (made.comparisons["convention"] == "care")
    ]
    psnr = summary.set_index("method")["psnr"]
    first, *_, tests = sentences.experiment_sentences(summary, comparisons)
    assert first == (
        f"Best by PSNR: TV, {psnr['tv']:.2f} dB, {psnr['tv'] - psnr['fft']:.2f} dB above the best "
        f"network (FFT) and {psnr['tv'] - psnr['noisy']:.2f} dB above the noisy input."
    )
    assert tests.startswith("Against Laplace: FFT PSNR +")
    assert "significant)" in tests


def test_the_page_shows_printed_means_and_chosen_strengths(page):
    assert "Mean scores and what the paper prints" in page.text
    assert "PSNR (dB) ↑ Printed 30.444 38.779 37.982 38.877" in page.text
    assert "actin TV weight 0.2 0.1 0.3" in page.text


def test_lost_brightness_is_told():
    summary = tables.summarise(by_experiment(), EXPERIMENTS)
    (sentence,) = sentences.brightness_sentences(summary)
    assert sentence.endswith("Laplace −2.00 dB, FFT −2.00 dB and Bandpass −2.00 dB.")
    assert sentences.brightness_sentences(summary[summary["convention"] == "care"]) == []


def test_a_study_without_printed_numbers_or_networks_has_a_page_too():
    made = results()
    filters = {"tv", "noisy"}
    config = CONFIG | {
        "methods": {name: CONFIG["methods"][name] for name in filters},
        "statistics": {"reference": "tv", "alpha": 0.05},
        "networks": {},
    }
    scores = made.study.scores[made.study.scores["method"].isin(filters)]
    alone = replace(
        made,
        config=config,
        summary=made.summary[made.summary["method"].isin(filters)],
        comparisons=made.comparisons[:0],
        study=replace(made.study, scores=scores, methods=["noisy", "tv"]),
        published=None,
        cards={},
        figures={k: v for k, v in made.figures.items() if k.split("-")[0] in ("montage", "scores")},
    )
    page = Page(report.render(alone))
    assert len(page.all("img")) == 6
    assert "The paper's" not in page.text


def test_light_pictures_are_packed_without_loss_and_heavy_ones_small():
    light = png()
    packed = base64.b64decode(pictures.data_uri(light).split(",")[1])
    with Image.open(io.BytesIO(packed)) as back, Image.open(io.BytesIO(light)) as original:
        assert back.format == "WEBP"
        assert np.array_equal(np.asarray(back), np.asarray(original))
    heavy = png(6000)
    assert len(pictures.data_uri(heavy)) < len(heavy)


def test_templates_are_packaged():
    folder = Path(report.__file__).parents[1] / "templates"
    assert {path.name for path in folder.iterdir()} == {"report.html.j2", "report.css"}
