"""Tell whether two images show the same scene, even if one is a changed copy.

Copies may be shifted, cropped, mirrored or turned by quarter turns, or be of another exposure.
Asked before anything is trained: no image to test on may be trained on.
"""

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import fft, ndimage

from denoisekit import _checks
from denoisekit.datasets.kinship import measure_kinship
from denoisekit.datasets.pairs import Pair, region_text
from denoisekit.datasets.registered import exposure_shape, read_exposure
from denoisekit.datasets.registration import COARSE_SIGMA, band_pass
from denoisekit.errors import InputError
from denoisekit.images.image import projected
from denoisekit.images.reading import Region
from denoisekit.noise.usable import filled

Report = Callable[[str], None]

#: Resemblance above which two images are taken to show one scene.
SAME_SCENE = 0.7
#: Columns of the table of matches between what is trained on and what is tested on.
MATCHES = {
    **dict.fromkeys(("train", "test", "test_image", "train_image"), str),
    "resemblance": float,
    "perhaps": str,
}
_LEAST_OVERLAP = 0.25
# Stripes or blobs of two small areas often lie alike by chance.
_LEAST_COMMON = 3072
# In standard deviations: a line or a few blobs lie alike by chance. Of 1080 pairs of unlike images
# of few lines, discs or spots, 341 resembled each other by more than 0.7, one by that many.
_LEAST_EVIDENCE = 8.0
# How far structure is correlated with itself, in places of the grid.
_CORRELATED = 24
_AMPLE_SIDE = 512
_LEAST_SQUARES = 32
# Noise that hides more than that is not allowed for: chance would be taken for likeness.
_LEAST_SIGNAL = 0.3
# All images are compared at this side; those that are most alike once more, at the ample one.
_COARSE_SIDE = 128
_CANDIDATES = 3
# So many are kept prepared at the ample side.
_KEPT = 8
_BLOCK_BYTES = 256e6


@dataclass(frozen=True)
class Signature:
    """What of an image is compared: its structure, on a coarser grid.

    Attributes
    ----------
    structure
        Band-passed and divided by its local strength, (Y, X), float32.
    binning
        Side in px of the squares of the grid.
    signal
        Which share of it is structure rather than noise, from 0.3 to 1.
    """

    structure: np.ndarray
    binning: int
    signal: float

    def turned(self) -> Iterator["Signature"]:
        """Yield it as it is, and in the seven other ways to mirror and turn it."""
        for structure in (self.structure, self.structure.T):
            for turns in range(4):
                yield replace(self, structure=np.rot90(structure, turns))


@dataclass(frozen=True)
class Images(Mapping[str, np.ndarray]):
    """Images by name that are read anew whenever they are asked for, so that none is kept."""

    names: Sequence[str]
    read: Callable[[str], np.ndarray]
    shape_of: Callable[[str], tuple[int, ...]] | None = None

    def shape(self, name: str) -> tuple[int, ...]:
        """Return an image's sides, (Y, X), without reading it where `shape_of` can tell them."""
        return self.read(name).shape if self.shape_of is None else self.shape_of(name)

    def __getitem__(self, name: str) -> np.ndarray:
        """Read an image."""
        return self.read(name)

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self.names)

    def __len__(self) -> int:
        """Count the names."""
        return len(self.names)


def long_exposures(
    folder: str | Path, pairs: Iterable[Pair], *, outside: Sequence[float | str] | None = None
) -> Images:
    """Return the high exposures of pairs of a folder of registered pairs.

    Of volumes it is the mean along z. What is no image has values of its surroundings; `outside` is
    as `denoisekit.noise.usable.find` takes it.
    """

    def read(name: str) -> np.ndarray:
        pixels = read_exposure(folder, name, "high").pixels
        return projected(filled(pixels, outside=outside, name=name))

    return Images(
        [pair.image for pair in pairs], read, lambda name: exposure_shape(folder, name, "high")
    )


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
    signal = measure_kinship(squares, None).low_signal
    return Signature(
        structure.astype(np.float32), binning, float(np.clip(signal, _LEAST_SIGNAL, 1))
    )


def resemblance(first: Signature, second: Signature) -> float:
    """Return how strongly two images show the same scene, even if shifted, from 0 to 1.

    The largest normalised correlation of their structure over all displacements that leave a
    quarter of the smaller image in common; the norm is that of the common area, less what noise is
    in it. About 1 for an image and a shifted or cropped copy, or the same field at another
    exposure; hardly above 0.5 for images of different cells. Where next to nothing but a line or a
    few blobs is in common, which lie alike by chance, it is not looked at.

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
    sides = _room([first], [second])
    return _Transformed.of(first, sides).likeness(_Transformed.of(second, sides)).sure


@dataclass(frozen=True)
class _Likeness:
    """The largest resemblance of two images, and the largest that may be a chance."""

    sure: float
    perhaps: float


@dataclass(frozen=True)
class _Transformed:
    """A signature, the spectrum of its structure, and sums of its squares from the first corner."""

    signature: Signature
    sides: tuple[int, ...]
    spectrum: np.ndarray
    sums: np.ndarray

    @classmethod
    def of(cls, signature: Signature, sides: tuple[int, ...]) -> "_Transformed":
        structure = signature.structure
        squares = np.pad(structure.astype(np.float64) ** 2, ((1, 0), (1, 0)))
        sums = squares.cumsum(axis=0).cumsum(axis=1)
        return cls(signature, sides, fft.rfft2(structure, s=sides), sums)

    def likeness(self, other: "_Transformed") -> _Likeness:
        first, second = self.signature.structure.shape, other.signature.structure.shape
        product = fft.irfft2(np.conj(self.spectrum) * other.spectrum, s=self.sides)
        moved = list(map(_displacements, second, self.sides))
        theirs = [_common(*each) for each in zip(second, first, moved, strict=True)]
        own = [_common(*each) for each in zip(first, second, map(np.negative, moved), strict=True)]
        enough = _lengths(theirs) > _least_common(first, second)
        norm = other._within(*theirs)[enough] * self._within(*own)[enough]
        correlation = product[enough] / np.sqrt(norm)
        correlation /= np.sqrt(self.signature.signal * other.signature.signal)
        correlation = np.clip(correlation, 0, 1)
        chance = correlation > SAME_SCENE
        if chance.any():
            chance &= self._evidence(other, correlation, norm, enough) < _LEAST_EVIDENCE
        return _Likeness(
            float(correlation[~chance].max(initial=0)), float(correlation[chance].max(initial=0))
        )

    def _evidence(
        self, other: "_Transformed", correlation: np.ndarray, norm: np.ndarray, enough: np.ndarray
    ) -> np.ndarray:
        """Return how far correlations are from none, in standard deviations (Fisher's z).

        Of structures that have nothing to do with each other, the products' signs are random but
        for neighbours within a structure, so that the variance of their sum is that of as many
        independent ones as the norm tells beside the sum of their squares.
        """
        together = max(float(np.sum(self.correlated * other.correlated)), 1.0)
        squares = fft.irfft2(np.conj(self.squares) * other.squares, s=self.sides)[enough]
        least = np.finfo(np.float32).eps * squares.max()
        independent = norm / (together * np.maximum(squares, least))
        steps = np.arctanh(np.minimum(correlation, 1 - 1e-6))
        return steps * np.sqrt(np.maximum(independent - 3, 0))

    @functools.cached_property
    def squares(self) -> np.ndarray:
        """The spectrum of the structure's squares."""
        return fft.rfft2(self.signature.structure**2, s=self.sides)

    @functools.cached_property
    def correlated(self) -> np.ndarray:
        """The structure's correlation with itself, up to so many places away."""
        whole = fft.irfft2(np.abs(self.spectrum) ** 2, s=self.sides)
        near = np.arange(-_CORRELATED, _CORRELATED + 1)
        return whole[np.ix_(near, near)] / whole[0, 0]

    def _within(self, rows: "_Span", columns: "_Span") -> np.ndarray:
        """Sum the squares of its structure in each of the rectangles."""
        right = self.sums.take(columns[1], axis=1) - self.sums.take(columns[0], axis=1)
        return right[rows[1]] - right[rows[0]]


#: The first places of many spans of a line, and those after the last.
_Span = tuple[np.ndarray, np.ndarray]


def _displacements(length: int, side: int) -> np.ndarray:
    """Return the displacements of another line along one of a length, in the transform's order."""
    moved = np.arange(side)
    return np.where(moved < length, moved, moved - side)


def _common(length: int, other: int, moved: np.ndarray) -> _Span:
    """Return the span of a line that is under another one, by the displacement of that."""
    first = np.clip(moved, 0, length)
    return first, np.clip(moved + other, first, length)


def _lengths(spans: Sequence[_Span]) -> np.ndarray:
    """Return the common area at each displacement."""
    rows, columns = (after - first for first, after in spans)
    return np.multiply.outer(rows, columns)


def _room(first: Iterable[Signature], second: Iterable[Signature]) -> tuple[int, ...]:
    """Return sides at which nothing wraps round, however the second ones are turned."""
    turned = max(max(item.structure.shape) for item in second)
    longest = np.max([item.structure.shape for item in first], axis=0)
    return tuple(fft.next_fast_len(int(side) + turned, real=True) for side in longest)


def _padded(side: int) -> int:
    """Return a side at which no two images of that side wrap round."""
    return fft.next_fast_len(2 * side, real=True)


def _least_common(first: tuple[int, ...], second: tuple[int, ...]) -> float:
    """Return how many squares two images must have in common to be compared."""
    smallest = min(int(np.prod(first)), int(np.prod(second)))
    return max(_LEAST_OVERLAP * smallest, min(_LEAST_COMMON, 0.99 * smallest))


@dataclass(frozen=True)
class Match:
    """The training image that an image to test on is most like, and how much, from 0 to 1.

    `perhaps` names one that it may be a copy of, though too little is in common to tell.
    """

    test_image: str
    train_image: str
    resemblance: float
    perhaps: str = ""


def compare(
    train: Mapping[str, np.ndarray],
    test: Mapping[str, np.ndarray],
    *,
    report: Report = lambda line: None,
) -> list[Match]:
    """Find for every image to test on the training image that it is most like.

    All are compared coarsely in every way to mirror and turn them, and the best three of each once
    more in detail. No more than one image of either kind is asked for at a time, and what is kept
    does not grow with their number beyond a few bytes.

    Parameters
    ----------
    train, test
        Images by name, (Y, X), at one pixel size; of pairs, the exposures with less noise. Large
        images are compared at about 512 px a side, unless the smallest would be too small for it.
    report
        Is told what is done.
    """
    sides = [side for images in (train, test) for name in images for side in _shape(images, name)]
    most = min(sides) // _LEAST_SQUARES
    coarse, fine = (max(1, min(max(sides) // ample, most)) for ample in (_COARSE_SIDE, _AMPLE_SIDE))
    padded = _padded(max(sides) // coarse)
    held = max(1, int(_BLOCK_BYTES // (8 * padded**2)))
    found: dict[str, list[tuple[float, str]]] = {name: [] for name in test}
    names = list(train)
    for start in range(0, len(names), held):
        block = names[start : start + held]
        trained = _Coarse.of([signature(train[name], binning=coarse) for name in block], padded)
        for done, name in enumerate(test, start=1):
            scores = trained.likeness(signature(test[name], binning=coarse))
            found[name] += zip(scores.tolist(), block, strict=True)
            found[name] = sorted(found[name], reverse=True)[:_CANDIDATES]
            report(
                f"compared {done} of {len(test)} images to test on with {start + len(block)} of "
                f"{len(names)} that are trained on"
            )
    # Where few images are trained on, the same ones are the most alike again and again.
    prepared = functools.lru_cache(_KEPT)(lambda name: signature(train[name], binning=fine))
    matches = []
    for name, alike in found.items():
        candidates = {other: prepared(other) for _, other in alike}
        matches.append(_nearest(name, signature(test[name], binning=fine), candidates))
        report(f"compared {len(matches)} of {len(test)} images to test on in detail")
    return matches


def _shape(images: Mapping[str, np.ndarray], name: str) -> tuple[int, ...]:
    return images.shape(name) if isinstance(images, Images) else images[name].shape


@dataclass(frozen=True)
class _Coarse:
    """Spectra of the structure of many images, each of unit mean square, and their shapes."""

    spectra: np.ndarray
    shapes: list[tuple[int, ...]]
    side: int

    @classmethod
    def of(cls, signatures: Sequence[Signature], side: int) -> "_Coarse":
        spectra = np.stack([_unit_spectrum(item.structure, side) for item in signatures])
        return cls(spectra, [item.structure.shape for item in signatures], side)

    def likeness(self, tested: Signature) -> np.ndarray:
        """Return how alike an image is to each, the best of all displacements and turns.

        The structure has everywhere about the same strength, so that the common area alone is the
        norm: one transform a comparison instead of four.
        """
        best = np.full(len(self.shapes), -np.inf)
        for turned in tested.turned():
            spectrum = np.conj(_unit_spectrum(turned.structure, self.side))
            for number, (other, shape) in enumerate(zip(self.spectra, self.shapes, strict=True)):
                product = fft.irfft2(spectrum * other, s=(self.side, self.side))
                weights = _weights(turned.structure.shape, shape, self.side)
                best[number] = max(best[number], float((product * weights).max()))
        return best


def _unit_spectrum(structure: np.ndarray, side: int) -> np.ndarray:
    return fft.rfft2(structure / np.sqrt(np.mean(structure**2)), s=(side, side))


@functools.lru_cache(maxsize=64)
def _weights(first: tuple[int, int], second: tuple[int, int], side: int) -> np.ndarray:
    """Return one over the common area of two images at each displacement, 0 where it is small."""
    spans = (_common(b, a, _displacements(b, side)) for a, b in zip(first, second, strict=True))
    common = _lengths(list(spans)).astype(np.float32)
    enough = common > _least_common(first, second)
    return np.divide(1, common, out=np.zeros_like(common), where=enough)


def _nearest(name: str, tested: Signature, candidates: Mapping[str, Signature]) -> Match:
    sides = _room(candidates.values(), [tested])
    known = {other: _Transformed.of(item, sides) for other, item in candidates.items()}
    sure, perhaps = dict.fromkeys(known, 0.0), dict.fromkeys(known, 0.0)
    for turned in tested.turned():
        transformed = _Transformed.of(turned, sides)
        for other, item in known.items():
            likeness = item.likeness(transformed)
            sure[other] = max(sure[other], likeness.sure)
            perhaps[other] = max(perhaps[other], likeness.perhaps)
    nearest, likely = (max(part, key=part.__getitem__) for part in (sure, perhaps))
    doubtful = sure[nearest] <= SAME_SCENE < perhaps[likely]
    return Match(name, nearest, sure[nearest], likely if doubtful else "")


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
                f"{match.resemblance:.2f} of 1, even if shifted, mirrored or turned); take one of "
                "the two out."
            )


def doubts(matches: Iterable[Match], *, train: str, test: str) -> list[str]:
    """Return a sentence of each image to test on that may show a scene that is trained on.

    The parameters are those of `check_unlike`.
    """
    return [
        f"the test image {match.test_image!r} of {test} may show the same scene as the training "
        f"image {match.perhaps!r} of {train}: what they show is alike, but too little to tell a "
        "copy from chance; look at both"
        for match in matches
        if match.perhaps
    ]


def check_apart(train: Sequence[Pair], test: Sequence[Pair], *, guard_px: int) -> None:
    """Raise InputError if an image to test on is, or lies too close to, one to train on.

    Parameters
    ----------
    train, test
        The pairs to train on and to test on; a pair's file, page and region say which pixels it is.
    guard_px
        How far apart regions of one image must lie: the network's receptive field on one side.
    """
    by_page: dict[tuple[str, str, int], list[Pair]] = {}
    for pair in train:
        for file in pair.files:
            by_page.setdefault(_page(file, pair), []).append(pair)
    for tested in test:
        for file in tested.files:
            for trained in by_page.get(_page(file, tested), []):
                if not _apart(trained.region, tested.region, guard_px):
                    raise InputError(_leak(trained, tested, guard_px))


def _page(file: str, pair: Pair) -> tuple[str, str, int]:
    """Say which picture a file's page is: channels of one scene show the same field."""
    return os.path.realpath(file), str(pair.scene), pair.page or 0


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
