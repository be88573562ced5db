"""What is cited: papers, each of them once, and by which part of a study it is used."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A publication.

    Attributes
    ----------
    authors
        Surnames with initials, as BibTeX takes them, joined by `` and ``; others are ``others``.
    title, year
        Of the publication; of published data, which tell none, the year is empty.
    venue
        The journal, or the proceedings.
    doi, arxiv
        Where it is found; either may be empty.
    kind
        BibTeX's kind of entry.
    """

    authors: str
    title: str
    year: str
    venue: str
    doi: str = ""
    arxiv: str = ""
    kind: str = "article"

    @property
    def short(self) -> str:
        """Authors and year, as they stand in a text."""
        names = [name.partition(",")[0] for name in self.authors.split(" and ")]
        who = names[0] if len(names) == 1 else f"{names[0]} and {names[1]}"
        if len(names) > 2 or "others" in names:
            who = f"{names[0]} et al."
        return f"{who} {self.year}".strip()

    @property
    def place(self) -> str:
        """Its DOI or its number in arXiv, in words; empty if it has neither."""
        return f"doi:{self.doi}" if self.doi else f"arXiv:{self.arxiv}" if self.arxiv else ""

    def listed(self) -> str:
        """Return a line of a list of references."""
        parts = (self.short, self.title, self.venue, self.place)
        return ". ".join(part for part in parts if part) + "."


_PROCEEDINGS = "inproceedings"
#: All publications that a study may use, by their keys in BibTeX.
REFERENCES: Mapping[str, Reference] = {
    "angelopoulos2022": Reference(
        "Angelopoulos, A. N. and others",
        *("Conformal risk control", "2022", "arXiv"),
        arxiv="2208.02814",
    ),
    "ashesh2024": Reference(
        "Ashesh, A. and Deschamps, J. and Jug, F.",
        *("MicroSSIM: improved structural similarity for comparing microscopy data", "2024"),
        *("arXiv", "", "2408.08747"),
    ),
    "batson2019": Reference(
        "Batson, J. and others",
        *("Molecular cross-validation for single-cell RNA-seq", "2019", "bioRxiv"),
        "10.1101/786269",
    ),
    "benjamini1995": Reference(
        "Benjamini, Y. and Hochberg, Y.",
        "Controlling the false discovery rate: a practical and powerful approach to multiple "
        "testing",
        *("1995", "Journal of the Royal Statistical Society B"),
        "10.1111/j.2517-6161.1995.tb02031.x",
    ),
    "berger1982": Reference(
        "Berger, R. L.",
        "Multiparameter hypothesis testing and acceptance sampling",
        *("1982", "Technometrics", "10.1080/00401706.1982.10487790"),
    ),
    "broaddus2020": Reference(
        "Broaddus, C. and others",
        "Removing structured noise with self-supervised blind-spot networks",
        *("2020", "IEEE ISBI", "10.1109/ISBI45749.2020.9098336"),
        kind=_PROCEEDINGS,
    ),
    "buades2005": Reference(
        "Buades, A. and Coll, B. and Morel, J.-M.",
        "A non-local algorithm for image denoising",
        *("2005", "IEEE CVPR", "10.1109/CVPR.2005.38"),
        kind=_PROCEEDINGS,
    ),
    "caicedo2019": Reference(
        "Caicedo, J. C. and others",
        "Evaluation of deep learning strategies for nucleus segmentation in fluorescence images",
        *("2019", "Cytometry Part A", "10.1002/cyto.a.23863"),
    ),
    "chambolle2004": Reference(
        "Chambolle, A.",
        "An algorithm for total variation minimization and applications",
        *("2004", "Journal of Mathematical Imaging and Vision"),
        "10.1023/B:JMIV.0000011325.36760.1e",
    ),
    "chen2022": Reference(
        "Chen, L. and others",
        *("Simple baselines for image restoration", "2022", "arXiv"),
        arxiv="2204.04676",
    ),
    "chu2022": Reference(
        "Chu, X. and others",
        "Improving image restoration by revisiting global information aggregation",
        *("2022", "arXiv"),
        arxiv="2112.04491",
    ),
    "dabov2007": Reference(
        "Dabov, K. and Foi, A. and Katkovnik, V. and Egiazarian, K.",
        "Image denoising by sparse 3-D transform-domain collaborative filtering",
        *("2007", "IEEE Transactions on Image Processing", "10.1109/TIP.2007.901238"),
    ),
    "efron2004": Reference(
        "Efron, B.",
        "Large-scale simultaneous hypothesis testing: the choice of a null hypothesis",
        *("2004", "Journal of the American Statistical Association"),
        "10.1198/016214504000000089",
    ),
    "geyer1992": Reference(
        "Geyer, C. J.",
        *("Practical Markov chain Monte Carlo", "1992", "Statistical Science"),
        "10.1214/ss/1177011137",
    ),
    "hedges1981": Reference(
        "Hedges, L. V.",
        "Distribution theory for Glass's estimator of effect size and related estimators",
        *("1981", "Journal of Educational Statistics", "10.3102/10769986006002107"),
    ),
    "hock2022": Reference(
        'H{\\"o}ck, E. and others',
        "N2V2: fixing Noise2Void checkerboard artifacts with modified sampling strategies and a "
        "tweaked network architecture",
        *("2022", "ECCV Workshops", "10.1007/978-3-031-25069-9_33"),
        kind=_PROCEEDINGS,
    ),
    "holm1979": Reference(
        "Holm, S.",
        "A simple sequentially rejective multiple test procedure",
        *("1979", "Scandinavian Journal of Statistics"),
    ),
    "ilg2018": Reference(
        "Ilg, E. and others",
        "Uncertainty estimates and multi-hypotheses networks for optical flow",
        *("2018", "ECCV", "10.1007/978-3-030-01234-2_40"),
        kind=_PROCEEDINGS,
    ),
    "isola2017": Reference(
        "Isola, P. and others",
        "Image-to-image translation with conditional adversarial networks",
        *("2017", "IEEE CVPR", "10.1109/CVPR.2017.632"),
        kind=_PROCEEDINGS,
    ),
    "krull2019": Reference(
        "Krull, A. and Buchholz, T.-O. and Jug, F.",
        "Noise2Void: learning denoising from single noisy images",
        *("2019", "IEEE CVPR", "10.1109/CVPR.2019.00223"),
        kind=_PROCEEDINGS,
    ),
    "krull2020": Reference(
        "Krull, A. and others",
        "Probabilistic Noise2Void: unsupervised content-aware denoising",
        *("2020", "Frontiers in Computer Science", "10.3389/fcomp.2020.00005"),
    ),
    "lehtinen2018": Reference(
        "Lehtinen, J. and others",
        *("Noise2Noise: learning image restoration without clean data", "2018", "arXiv"),
        arxiv="1803.04189",
    ),
    "lucy1974": Reference(
        "Lucy, L. B.",
        "An iterative technique for the rectification of observed distributions",
        *("1974", "Astronomical Journal", "10.1086/111605"),
    ),
    "makitalo2013": Reference(
        'M{\\"a}kitalo, M. and Foi, A.',
        "Optimal inversion of the generalized Anscombe transformation for Poisson-Gaussian noise",
        *("2013", "IEEE Transactions on Image Processing", "10.1109/TIP.2012.2202675"),
    ),
    "mansour2023": Reference(
        "Mansour, Y. and Heckel, R.",
        "Zero-shot Noise2Noise: efficient image denoising without any data",
        *("2023", "IEEE CVPR", "", "2303.11253"),
        kind=_PROCEEDINGS,
    ),
    "mao2017": Reference(
        "Mao, X. and others",
        "Least squares generative adversarial networks",
        *("2017", "IEEE ICCV", "10.1109/ICCV.2017.304"),
        kind=_PROCEEDINGS,
    ),
    "nguyen": Reference(
        "Nguyen, T.-A. and Hagen, G. and Ventura, J.",
        "Deep learning for denoising of fluorescence microscopy images",
        *("", ""),
        kind="misc",
    ),
    "nieuwenhuizen2013": Reference(
        "Nieuwenhuizen, R. P. J. and others",
        "Measuring image resolution in optical nanoscopy",
        *("2013", "Nature Methods", "10.1038/nmeth.2448"),
    ),
    "oliveira2024": Reference(
        "Oliveira, N. L. and Lei, J. and Tibshirani, R. J.",
        "Unbiased risk estimation in the normal means problem via coupled bootstrap techniques",
        *("2024", "Electronic Journal of Statistics", "", "2111.09447"),
    ),
    "prakash2020": Reference(
        "Prakash, M. and others",
        "Fully unsupervised probabilistic Noise2Void",
        *("2020", "IEEE ISBI", "10.1109/ISBI45749.2020.9098612"),
        kind=_PROCEEDINGS,
    ),
    "richardson1972": Reference(
        "Richardson, W. H.",
        "Bayesian-based iterative method of image restoration",
        *("1972", "Journal of the Optical Society of America", "10.1364/JOSA.62.000055"),
    ),
    "rosenthal2003": Reference(
        "Rosenthal, P. B. and Henderson, R.",
        "Optimal determination of particle orientation, absolute hand, and contrast loss in "
        "single-particle electron cryomicroscopy",
        *("2003", "Journal of Molecular Biology", "10.1016/j.jmb.2003.07.013"),
    ),
    "schuirmann1987": Reference(
        "Schuirmann, D. J.",
        "A comparison of the two one-sided tests procedure and the power approach for assessing "
        "the equivalence of average bioavailability",
        *("1987", "Journal of Pharmacokinetics and Biopharmaceutics", "10.1007/BF01068419"),
    ),
    "student1908": Reference(
        "Student", "The probable error of a mean", "1908", "Biometrika", "10.1093/biomet/6.1.1"
    ),
    "ulman2017": Reference(
        "Ulman, V. and others",
        "An objective comparison of cell-tracking algorithms",
        *("2017", "Nature Methods", "10.1038/nmeth.4473"),
    ),
    "wang2003": Reference(
        "Wang, Z. and Simoncelli, E. P. and Bovik, A. C.",
        "Multiscale structural similarity for image quality assessment",
        *("2003", "Asilomar Conference on Signals, Systems and Computers"),
        "10.1109/ACSSC.2003.1292216",
        kind=_PROCEEDINGS,
    ),
    "wang2004": Reference(
        "Wang, Z. and Bovik, A. C. and Sheikh, H. R. and Simoncelli, E. P.",
        "Image quality assessment: from error visibility to structural similarity",
        *("2004", "IEEE Transactions on Image Processing", "10.1109/TIP.2003.819861"),
    ),
    "weigert2018": Reference(
        "Weigert, M. and others",
        "Content-aware image restoration: pushing the limits of fluorescence microscopy",
        *("2018", "Nature Methods", "10.1038/s41592-018-0216-7"),
    ),
    "welch1938": Reference(
        "Welch, B. L.",
        "The significance of the difference between two means when the population variances are "
        "unequal",
        *("1938", "Biometrika", "10.1093/biomet/29.3-4.350"),
    ),
    "wilcoxon1945": Reference(
        "Wilcoxon, F.",
        *("Individual comparisons by ranking methods", "1945", "Biometrics Bulletin"),
        "10.2307/3001968",
    ),
    "zhang2017": Reference(
        "Zhang, K. and others",
        "Beyond a Gaussian denoiser: residual learning of deep CNN for image denoising",
        *("2017", "IEEE Transactions on Image Processing", "10.1109/TIP.2017.2662206"),
    ),
    "zhang2019": Reference(
        "Zhang, Y. and others",
        "A Poisson-Gaussian denoising dataset with real fluorescence microscopy images",
        *("2019", "IEEE CVPR", "", "1812.10366"),
        kind=_PROCEEDINGS,
    ),
    "zhang2019pooling": Reference(
        "Zhang, R.",
        *("Making convolutional networks shift-invariant again", "2019", "arXiv"),
        arxiv="1904.11486",
    ),
    "zhao2017": Reference(
        "Zhao, H. and Gallo, O. and Frosio, I. and Kautz, J.",
        "Loss functions for image restoration with neural networks",
        *("2017", "IEEE Transactions on Computational Imaging", "10.1109/TCI.2016.2644865"),
    ),
}

#: What each part of the library is of, by the name that a study uses; of plug-ins nothing is known.
LOSSES = {
    "adversarial": ("isola2017", "mao2017"),
    "bandpass": ("nguyen",),
    "fft": ("nguyen",),
    "fft-bandpass": ("nguyen",),
    "laplace": ("weigert2018",),
    "mae": (),
    "ms-ssim-l1": ("zhao2017",),
    "mse": (),
    "pn2v": ("krull2020",),
    "sobel": (),
    "ssim": ("wang2004",),
}
NETWORKS = {
    "dncnn": ("zhang2017",),
    "n2v-unet": ("krull2019",),
    "nafnet": ("chen2022", "chu2022"),
    "pn2v-unet": ("krull2020",),
    "projection-unet": ("weigert2018",),
    "unet": ("weigert2018",),
}
FILTERS = {
    "cubic": (),
    "gaussian": (),
    "nlm": ("buades2005",),
    "noisy": (),
    "pretrained": ("makitalo2013",),
    "projection": (),
    "richardson-lucy": ("richardson1972", "lucy1974"),
    "tv": ("chambolle2004",),
    "vst-bm3d": ("dabov2007", "makitalo2013"),
    "zs-n2n": ("mansour2023",),
}
#: Filters whose strength is chosen by noise that is added and subtracted.
CHOSEN_STRENGTH = ("gaussian", "nlm", "tv")
#: What is made of a network besides what it restores.
ESTIMATES = {"prior-mean": ("krull2020",), "projected": ("weigert2018",)}
METRICS = {
    "psnr": (),
    "ssim": ("wang2004",),
    "ms-ssim": ("wang2003",),
    "micro-ssim": ("ashesh2024",),
    "nrmse": (),
}
CONVENTIONS = {
    "care": ("weigert2018",),
    "hagen": ("weigert2018",),
    "calibrated": (),
    "range255": ("krull2020",),
    "truth-range": ("krull2020",),
    "fmd": ("zhang2019",),
    "fmd-matlab": ("zhang2019",),
    "scale-invariant": ("krull2020",),
}
OBJECTIVES = {
    "supervised": (),
    "noise2noise": ("lehtinen2018",),
    "neighbours": (),
    "noise2void": ("krull2019",),
    "isotropic": ("weigert2018",),
}


class Citations:
    """Cites, and remembers what was cited.

    Parameters
    ----------
    data
        Published data of a study, by keys that no paper has.
    """

    def __init__(self, data: Mapping[str, Reference]) -> None:
        self._known = {**REFERENCES, **data}
        self._used: dict[str, Reference] = {}

    def __call__(self, *keys: str) -> str:
        """Return citations in brackets, after a space, of all keys; empty without any."""
        self._used |= {key: self._known[key] for key in keys}
        # Published data are told by their title where they are cited.
        told = [self._known[key].short or self._known[key].place for key in dict.fromkeys(keys)]
        return f" ({_plain('; '.join(told))})" if told else ""

    @property
    def used(self) -> dict[str, Reference]:
        """All that was cited, by key, in alphabetical order."""
        return dict(sorted(self._used.items()))


def reference_list(used: Mapping[str, Reference]) -> list[str]:
    """Return a list of references as text, a line each."""
    return [_plain(reference.listed()) for reference in used.values()]


def bibliography(used: Mapping[str, Reference]) -> str:
    """Return a BibTeX file of some references."""
    return "\n".join(_entry(key, reference) for key, reference in used.items())


def _entry(key: str, reference: Reference) -> str:
    venue = "booktitle" if reference.kind == _PROCEEDINGS else "journal"
    fields = {
        "author": reference.authors,
        "title": f"{{{_escaped(reference.title)}}}",
        venue: _escaped(reference.venue),
        "year": reference.year,
        "doi": reference.doi,
        "eprint": reference.arxiv,
        "archiveprefix": "arXiv" if reference.arxiv else "",
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value.strip("{}")]
    return f"@{reference.kind}{{{key},\n{''.join(lines)}}}\n"


def _escaped(text: str) -> str:
    """Return text in which TeX finds no command."""
    return "".join(f"\\{letter}" if letter in "&%$#_" else letter for letter in text)


def _plain(text: str) -> str:
    """Return text without TeX's accents and braces."""
    accented = text.replace('{\\"o}', "ö").replace('{\\"a}', "ä")
    return accented.replace("{", "").replace("}", "")
