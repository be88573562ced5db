"""Tell whether two images show the same scene, even if one is a shifted or cropped copy.

Asked before anything is trained: no image to test on may be trained on.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from denoisekit import _checks
from denoisekit.datasets.pairs import Pair, region_text
from denoisekit.datasets.registration import COARSE_SIGMA, band_pass
from denoisekit.errors import InputError
from denoisekit.images.reading import Region

#: Resemblance above which two images are taken to show one scene.
SAME_SCENE = 0.7
#: Columns of the table of matches between what is trained on and what is tested on.
MATCHES = {
    **dict.fromkeys(("train", "test", "test_image", "train_image"), str),
    "resemblance": float,
}
_LEAST_OVERLAP = 0.25
# Stripes or blobs of two small areas often lie alike by chance.
_LEAST_COMMON = 3072
_AMPLE_SIDE = 512
_LEAST_SQUARES = 32


@dataclass(frozen=True)
class Signature:
    """What of an image is compared: its structure, on a coarser grid, and the transforms of it."""

    structure: np.ndarray
    binning: int
    spectra: np.ndarray


def signature(image: np.ndarray, *, binning: int) -> Signature:
    """Prepare an image for comparisons by `resemblance`.

    Parameters
    ----------
    image
        Pixels, (Y, X), in any unit; of a pair, the exposure with less noise.
    binning
        Side in px of the squares that are averaged first, the same for all images of a study; at
        most a 32nd of the image. 512 px a side after it are ample.

    Raises
    ------
    InputError
        If the image is constant, not finite or too small for the binning.
    """
    _checks.finite(image, name="The image to compare")
    _checks.not_constant(image, name="The image to compare")
    if min(image.shape) < _LEAST_SQUARES * binning:
        raise InputError(
            f"An image of {_checks.shape_text(image)} pixels cannot be compared at a binning of "
            f"{binning}, since fewer than {_LEAST_SQUARES} squares a side are left; take a smaller "
            "binning."
        )
    rows, columns = (side // binning for side in image.shape)
    squares = image[: rows * binning, : columns * binning].astype(np.float64)
    squares = squares.reshape(rows, binning, columns, binning).mean(axis=(1, 3))
    structure = band_pass(squares)
    # By its local strength, so that one bright object does not make up the whole image.
    strength = np.sqrt(ndimage.gaussian_filter(structure**2, 2 * COARSE_SIGMA))
    structure = structure / np.maximum(strength, 1e-3 * strength.max())
    return Signature(structure, binning, _spectra(structure, 2 * max(structure.shape)))


def resemblance(first: Signature, second: Signature) -> float:
    """Return how strongly two images show the same scene, even if shifted, from 0 to 1.

    The largest normalised correlation of their structure over all displacements that leave a
    quarter of the smaller image in common; the norm is that of the common area. About 1 for an
    image and a shifted or cropped copy, hardly above 0.5 for images of different cells.

    Parameters
    ----------
    first, second
        Signatures of one binning; the images may differ in size.

    Raises
    ------
    InputError
        If the binnings differ.
    """
    if first.binning != second.binning:
        raise InputError(
            f"Images can be compared at one binning only, but these were prepared at "
            f"{first.binning} and {second.binning}."
        )
    smaller, larger = sorted((first, second), key=lambda item: item.spectra.shape[1])
    side = larger.spectra.shape[1]
    spectra = smaller.spectra
    if spectra.shape[1] != side:
        spectra = _spectra(smaller.structure, side)
    # For each displacement: products, squares of either under the other's area, common area.
    structure_a, square_a, area_a = np.conj(spectra)
    structure_b, square_b, area_b = larger.spectra
    product, under_b, under_a, common = fft.irfft2(
        np.stack(
            [structure_a * structure_b, square_a * area_b, area_a * square_b, area_a * area_b]
        ),
        s=(side, side),
    )
    smallest = min(smaller.structure.size, larger.structure.size)
    least = max(_LEAST_OVERLAP * smallest, min(_LEAST_COMMON, 0.99 * smallest))
    enough = common > least
    correlation = product[enough] / np.sqrt(under_b[enough] * under_a[enough])
    return float(np.clip(correlation.max(), 0, 1))


def _spectra(structure: np.ndarray, side: int) -> np.ndarray:
    """Transform structure, its squares and its area, padded so that nothing wraps round."""
    side = fft.next_fast_len(side, real=True)
    stack = np.stack([structure, structure**2, np.ones_like(structure)])
    return fft.rfft2(stack.astype(np.float32), s=(side, side))


@dataclass(frozen=True)
class Match:
    """The training image that an image to test on is most like, and how much, from 0 to 1."""

    test_image: str
    train_image: str
    resemblance: float


def compare(train: Mapping[str, np.ndarray], test: Mapping[str, np.ndarray]) -> list[Match]:
    """Find for every image to test on the training image that it is most like.

    Parameters
    ----------
    train, test
        Images by name, (Y, X), at one pixel size; of pairs, the exposures with less noise. Large
        images are compared at about 512 px a side, unless the smallest would be too small for it.
    """
    sides = [side for image in (*train.values(), *test.values()) for side in image.shape]
    binning = max(1, min(max(sides) // _AMPLE_SIDE, min(sides) // _LEAST_SQUARES))
    trained = {name: signature(image, binning=binning) for name, image in train.items()}
    matches = []
    for test_image, image in test.items():
        tested = signature(image, binning=binning)
        alike = {name: resemblance(candidate, tested) for name, candidate in trained.items()}
        nearest = max(alike, key=alike.__getitem__)
        matches.append(Match(test_image, nearest, alike[nearest]))
    return matches


def check_unlike(matches: Iterable[Match], *, train: str, test: str) -> None:
    """Raise InputError if an image to test on shows a scene that is trained on.

    Parameters
    ----------
    matches
        From `compare`.
    train, test
        What to call the two data sets in an error.
    """
    for match in matches:
        if match.resemblance > SAME_SCENE:
            raise InputError(
                f"The test image {match.test_image!r} of {test} shows the same scene as the "
                f"training image {match.train_image!r} of {train} (resemblance "
                f"{match.resemblance:.2f} of 1, even if shifted); take one of the two out."
            )


def check_apart(train: Sequence[Pair], test: Sequence[Pair], *, guard_px: int) -> None:
    """Raise InputError if an image to test on is, or lies too close to, one to train on.

    Parameters
    ----------
    train, test
        The pairs to train on and to test on; a pair's file, page and region say which pixels it is.
    guard_px
        How far apart regions of one image must lie: the network's receptive field on one side.
    """
    by_page: dict[tuple[str, int], list[Pair]] = {}
    for pair in train:
        for file in pair.files:
            by_page.setdefault(_page(file, pair), []).append(pair)
    for tested in test:
        for file in tested.files:
            for trained in by_page.get(_page(file, tested), []):
                if not _apart(trained.region, tested.region, guard_px):
                    raise InputError(_leak(trained, tested, guard_px))


def _page(file: str, pair: Pair) -> tuple[str, int]:
    return os.path.realpath(file), pair.page or 0


def _apart(first: Region | None, second: Region | None, guard_px: int) -> bool:
    if first is None or second is None:
        return False
    return any(
        a.stop + guard_px <= b.start or b.stop + guard_px <= a.start
        for a, b in zip(first, second, strict=True)
    )


def _leak(trained: Pair, tested: Pair, guard_px: int) -> str:
    if trained.region is None or tested.region is None:
        return (
            f"The test image {tested.image!r} and the training image {trained.image!r} are the "
            f"same picture ({tested.high}); a test image must never be trained on."
        )
    return (
        f"The test image {tested.image!r} ({region_text(tested.region)}) and the training image "
        f"{trained.image!r} ({region_text(trained.region)}) of {tested.high} must lie at least "
        f"{guard_px} px apart, the network's receptive field; shrink one of the regions."
    )
