"""What the page's terms mean, which it says where they stand; `docs/glossary.md` is the same."""

import re

from markupsafe import Markup, escape

#: Terms, and what each means in a sentence.
TERMS = {
    "PSNR": "Peak signal-to-noise ratio in decibels: how small the mean squared difference from "
    "the truth is, against a range of values. More is better; 3 dB more is half that difference.",
    "SSIM": "Structural similarity: how alike an image and the truth are in brightness, contrast "
    "and structure, window by window. 1 is equal.",
    "MS-SSIM": "Structural similarity over five scales, from fine to coarse. 1 is equal.",
    "MicroSSIM": "Structural similarity after background and brightness are fitted, as microscope "
    "images need it. 1 is equal.",
    "NRMSE": "Root of the mean squared difference from the truth over a range of values. Less is "
    "better.",
    "dB": "Decibel: ten times the decimal logarithm of a ratio of squares. 3 dB is a factor of 2.",
    "convention": "How an image is scaled before it is scored, and by which range of values: "
    "scores of two conventions cannot be compared.",
    "truth": "The long exposure of a pair, or the image that was simulated without noise.",
    "noisy input": "The short exposure, before anything is done to it.",
    "best filter": "The filter that has the best mean score. To be better than it, a method must "
    "be better than every filter, so that none is chosen by the scores that judge it.",
    "runner-up": "Of all other methods, filters too, the one that has the best mean score.",
    "interval": "Where the true mean difference lies, with the confidence that is named: images "
    "that were not taken may give any value in it.",
    "tie": "No difference is shown. That is not the same as none.",
    "seed": "The number that a training's chance comes from: networks of several seeds show how "
    "far trainings differ.",
    "field": "What the microscope saw at one place. Frames or tiles of one field are alike and do "
    "not count as independent images.",
    "CARE": "Content-aware image restoration: a network that is trained on pairs of exposures "
    "(doi 10.1038/s41592-018-0216-7).",
    "alpha": "How often a test may find a difference where there is none.",
    "Holm": "A correction of p-values where several tests are made.",
    "gain to the truth": "What a restored image is multiplied by to lie nearest to the truth: "
    "above 1 it has too little contrast, below 1 too much, or noise is left.",
}
# Words that a reader knows, though perhaps not what they count as here, are not marked.
_PLAIN = {"truth", "noisy input", "interval", "tie", "seed", "field"}
_MARKED = sorted(TERMS.keys() - _PLAIN, key=len, reverse=True)
_PATTERN = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, _MARKED))})(?![\w-])")


class Explained:
    """Sets texts as HTML in which terms say what they mean, each where it comes first."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def anew(self) -> str:
        """Begin a section, in which terms are explained once more; nothing is to be shown."""
        self._seen.clear()
        return ""

    def __call__(self, text: str) -> Markup:
        """Return a text as HTML."""
        parts = []
        for position, part in enumerate(_PATTERN.split(text)):
            if position % 2 == 0 or part in self._seen:
                parts.append(escape(part))
                continue
            self._seen.add(part)
            parts.append(Markup('<abbr title="{}">{}</abbr>').format(TERMS[part], part))
        return Markup("").join(parts)
