"""How well found objects match labelled ones: the Cell Tracking Challenge's SEG, and F1.

Label images hold a whole number per object, and 0 where there is none.
"""

from dataclasses import dataclass

import numpy as np

from denoisekit._checks import same_shape
from denoisekit.errors import InputError


@dataclass(frozen=True)
class Measure:
    """A measure of found objects, more of which is better; its label, and digits to print."""

    label: str
    digits: int
    sign: int = 1


#: The measures by which methods are compared, by their names in tables.
MEASURES = {"seg": Measure("SEG", 3), "f1_50": Measure("F1@0.5", 3)}


@dataclass(frozen=True)
class Overlaps:
    """How labelled and found objects lie on each other.

    Attributes
    ----------
    shared
        (R, S) pixels that each labelled object shares with each found one.
    labelled, found
        (R,) and (S,) pixels of each.
    """

    shared: np.ndarray
    labelled: np.ndarray
    found: np.ndarray

    @property
    def jaccard(self) -> np.ndarray:
        """(R, S) intersection over union."""
        union = self.labelled[:, None] + self.found[None] - self.shared
        return np.asarray(self.shared / union)


def measure(labels: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """Measure how well found objects match labelled ones.

    Parameters
    ----------
    labels, found
        Label images (Y, X) or (Z, Y, X) of one shape: what is there, and what a method shows.

    Returns
    -------
    dict
        ``seg``: mean over labelled objects of the Jaccard index with the found object that covers
        more than half of it, 0 where none does; what is found where nothing is costs nothing.
        ``f1_50``: 2 TP / (2 TP + FP + FN), where a labelled and a found object whose Jaccard index
        is above 0.5 are a pair, of which no object has two. ``wrong``: share of the labelled
        objects that are of no pair, missed, merged or split. ``found``: objects found over labelled
        ones.

    Raises
    ------
    InputError
        If the shapes differ, or nothing is labelled.

    References
    ----------
    SEG: Ulman et al. 2017, doi 10.1038/nmeth.4473. F1 at 0.5: Caicedo et al. 2019,
    doi 10.1002/cyto.a.23863.
    """
    lain = overlaps(labels, found)
    jaccard = lain.jaccard
    covering = lain.shared > lain.labelled[:, None] / 2
    seg = np.where(covering, jaccard, 0).sum(axis=1).mean()
    pairs = np.count_nonzero(jaccard > 0.5)
    return {
        "seg": float(seg),
        "f1_50": float(2 * pairs / (len(lain.labelled) + len(lain.found))),
        "wrong": 1 - pairs / len(lain.labelled),
        "found": len(lain.found) / len(lain.labelled),
    }


def overlaps(labels: np.ndarray, found: np.ndarray) -> Overlaps:
    """Count the pixels that labelled and found objects share; errors are those of `measure`."""
    same_shape(labels, found, names=("The labels", "the objects found"))
    names, labelled = np.unique(labels, return_inverse=True)
    others, of_found = np.unique(found, return_inverse=True)
    pairs = labelled.ravel().astype(np.int64) * len(others) + of_found.ravel()
    counts = np.bincount(pairs, minlength=len(names) * len(others))
    table = counts.reshape(len(names), len(others))
    rows, columns = names != 0, others != 0
    if not rows.any():
        raise InputError(
            "The labels hold no object, 0 everywhere, so that nothing can be found; give labels "
            "of objects, or leave the image out."
        )
    return Overlaps(
        table[np.ix_(rows, columns)], table.sum(axis=1)[rows], table.sum(axis=0)[columns]
    )
