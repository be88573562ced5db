"""The image viewer's data: one scene per experiment, as every method restored it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib import colormaps
from matplotlib.colors import to_hex

from denoisekit.evaluation.display import SECTIONS
from denoisekit.evaluation.metrics import HEADLINE, MAIN
from denoisekit.report.packing import SCENE_STEPS, Step, pack, pack_within
from denoisekit.statistics.wording import method_label, metric_name, named_score

#: Which images of an experiment are shown, by the reference's score; without one, the first alone.
PLACES = ("median", "best", "worst")
#: Maps that are shown in place of the images, by what switches to them.
MAPS = {"error": "Error map", "width": "Interval width", "disagreement": "Disagreement"}
_COLOURS = 17


@dataclass(frozen=True)
class Scene:
    """One image of an experiment for the viewer.

    Attributes
    ----------
    card
        What the pictures show: image, window, whole, pixel_size_um, views (what each shows, by its
        name), tops (by kind of map what is shown as 255), and for each method name, run and its
        scores by metric.
    pictures
        PNG files of 8 bits by name: ``truth``, ``image-<method>``, and a map of each kind of `MAPS`
        that there is, ``error-<method>``; with ``@<view>`` behind, but for the view that is first
        seen, where there are several.

    Without a truth there are no scores, no errors and no picture of it.
    """

    card: Mapping[str, Any]
    pictures: Mapping[str, bytes]


def viewer_data(
    scenes: Mapping[str, Scene],
    *,
    descriptions: Mapping[str, str],
    recommended: Mapping[str, str],
    limit_bytes: int,
    threads: int = 1,
) -> dict[str, Any]:
    """Return what the viewer's script reads, with the pictures packed within a limit.

    Parameters
    ----------
    scenes
        By experiment, or by experiment and place, as in ``AA, best``.
    descriptions
        What each experiment is.
    recommended
        The method that is shown first on the right, by experiment; the last one where none is.
    limit_bytes
        How many bytes the pictures of all scenes may add to the page.
    threads
        How many pictures are packed at a time.
    """
    packed, step = pack_within(
        {(name, key): png for name, scene in scenes.items() for key, png in scene.pictures.items()},
        steps=SCENE_STEPS,
        limit_bytes=limit_bytes,
        packing=pack,
        threads=threads,
    )
    return {
        "experiments": [
            _experiment(name, descriptions[name.partition(", ")[0]], scene.card, packed)
            | {"recommended": recommended.get(name.partition(", ")[0], "")}
            for name, scene in scenes.items()
        ],
        "chosenBy": metric_name(MAIN),
        # Errors can be switched to on every page; what no network predicts has no switch.
        "maps": {
            kind: label
            for kind, label in MAPS.items()
            if kind == "error" or any(kind in scene.card["tops"] for scene in scenes.values())
        },
        "volumes": any(len(scene.card["views"]) > 1 for scene in scenes.values()),
        "packing": _packing_sentence(step),
    }


def _experiment(
    name: str, description: str, card: Mapping[str, Any], packed: Mapping[Any, Any]
) -> dict[str, Any]:
    top, bottom, left, right = card["window"]
    cut = "" if (bottom - top, right - left) == tuple(card["whole"]) else "part of "
    has_truth = (name, "truth") in packed
    fit = "" if has_truth else ", which has no truth; all are fitted to the noisy input"
    views = {view and f"@{view}": label for view, label in card["views"].items()}
    pictures = [_picture(method, name, views, packed) for method in card["methods"]]
    if has_truth:
        shown = [{"image": packed[name, f"truth{view}"].source, "maps": {}} for view in views]
        pictures.append({"name": "", "label": "Truth", "scores": "", "views": shown})
    first = f"image-{card['methods'][0]['name']}"
    return {
        "name": name,
        "label": f"{name}: {description}",
        "caption": f"{cut}image {card['image']}{fit}",
        "views": [
            {
                "label": label,
                "section": view.removeprefix("@") in SECTIONS,
                "width": packed[name, first + view].width,
                "height": packed[name, first + view].height,
            }
            for view, label in views.items()
        ],
        "first": list(views).index(""),
        "pixelSize": card["pixel_size_um"],
        "tops": {
            kind: f"{top:.3f}{_unit(kind, has_truth=has_truth)}"
            for kind, top in card["tops"].items()
            if top is not None
        },
        "pictures": pictures,
    }


def _picture(
    method: Mapping[str, Any],
    experiment: str,
    views: Iterable[str],
    packed: Mapping[Any, Any],
) -> dict[str, Any]:
    shown = [
        {
            "image": packed[experiment, f"image-{method['name']}{view}"].source,
            "maps": {
                kind: packed[experiment, f"{kind}-{method['name']}{view}"].source
                for kind in MAPS
                if (experiment, f"{kind}-{method['name']}{view}") in packed
            },
        }
        for view in views
    ]
    scored = "error" in shown[0]["maps"]
    return {
        "name": method["name"],
        "label": method_label(method["name"]),
        "scores": ", ".join(named_score(method[m], m) for m in HEADLINE) if scored else "",
        "views": shown,
    }


def _unit(kind: str, *, has_truth: bool) -> str:
    if kind == "disagreement":
        return ", of 1"
    return " of the truth's range" if has_truth else " of the grey range"


def _packing_sentence(step: Step) -> str:
    kept = "without loss" if step.quality is None else f"as WebP of quality {step.quality}"
    part = f", cut to the middle {step.size:.0%} of each side" if step.size < 1 else ""
    return f"The pictures have 8 bits and are packed {kept}{part}."


def error_colours() -> list[str]:
    """Return the colours of the error maps from 0 to the largest, as ``#rrggbb``."""
    colours = colormaps["inferno"]
    return [to_hex(colours(place / (_COLOURS - 1))) for place in range(_COLOURS)]


def error_filter() -> list[str]:
    """Return the red, green and blue values along those colours, for an SVG filter."""
    colours = colormaps["inferno"]
    values = [colours(place / (_COLOURS - 1))[:3] for place in range(_COLOURS)]
    return [" ".join(f"{value:.4f}" for value in channel) for channel in zip(*values, strict=True)]
