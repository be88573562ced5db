"""Design of a study: the data sets, methods, runs, tables and figures that a config asks for.

A config is taken as `denoisekit.study.check` accepts it. Nothing here looks at an image.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from denoisekit.study import outside
from denoisekit.study.runs import BEST_FILTER, ENSEMBLE, Run

#: The table of claims in the folder of a paper that has one; it has no other tables.
CLAIMS_FILE = "claims.csv"


@dataclass(frozen=True)
class Study:
    """A study's parts by name, in the order in which its tables and figures show them.

    Parameters
    ----------
    config
        What the YAML file holds.
    with_truth
        The data sets, simulated ones left out, all of whose images have a long exposure.
    """

    config: Mapping[str, Any]
    with_truth: Collection[str] = ()

    # Data.

    @cached_property
    def studied(self) -> list[str]:
        """Data sets that are trained on or restored; the others are there for their looks alone."""
        used = {
            name
            for kind in ("train_sets", "test_sets")
            for entry in self.config[kind].values()
            for name in (entry["dataset"], *entry.get("beside", ()))
        }
        return [name for name in self.config["datasets"] if name in used]

    @cached_property
    def simulating(self) -> list[str]:
        """Data sets that are simulated, those thinned of them left out."""
        return [name for name, entry in self.config["datasets"].items() if "simulate" in entry]

    @cached_property
    def thinned(self) -> dict[str, Mapping[str, Any]]:
        """Of data sets that are thinned of others, how."""
        entries = self.config["datasets"].items()
        return {name: entry["thin"] for name, entry in entries if "thin" in entry}

    @cached_property
    def sparse(self) -> dict[str, Mapping[str, Any]]:
        """Of data sets of stacks from which planes are left out, of which ones, and how."""
        entries = self.config["datasets"].items()
        return {name: entry["sparse"] for name, entry in entries if "sparse" in entry}

    @cached_property
    def sheets(self) -> list[str]:
        """Data sets of stacks whose truth is the plane of a sheet that lies in them."""
        return self._with_target("plane")

    @cached_property
    def sharp(self) -> list[str]:
        """Data sets whose truth is sharper than their images, as of another microscope."""
        return self._with_target("sharp")

    @cached_property
    def simulated_sharp(self) -> list[str]:
        """Those of them that are simulated."""
        return [name for name in self.simulating if name in self.sharp]

    def _with_target(self, target: str) -> list[str]:
        entries = self.config["datasets"].items()
        return [name for name, entry in entries if entry.get("target") == target]

    @cached_property
    def simulated_sheets(self) -> list[str]:
        """Those of them that are simulated, so that their surface is known."""
        return [name for name in self.simulating if name in self.sheets]

    @cached_property
    def simulated_plainly(self) -> list[str]:
        """Simulated data sets whose low exposures are as their high ones, but for the light."""
        others = {*self.sheets, *self.sharp}
        return [name for name in self.simulating if name not in others]

    @cached_property
    def simulated(self) -> list[str]:
        """Data sets that no camera gave."""
        of = {name: entry["of"] for name, entry in (self.thinned | self.sparse).items()}
        return [name for name in self.config["datasets"] if of.get(name, name) in self.simulating]

    @cached_property
    def halved_sets(self) -> list[str]:
        """Test sets whose truth is the rest of the light of thinned images."""
        thinned = self.thinned
        rest = {name for name, settings in thinned.items() if settings["beside"] == "rest"}
        return [name for name in self.test_sets if self.tested(name) in rest]

    def noise_source(self, dataset: str) -> str:
        """Return the data set whose noise a data set has: of interpolated planes there is less."""
        return self.sparse[dataset]["of"] if dataset in self.sparse else dataset

    @property
    def measured_fields(self) -> dict[str, int]:
        """Return of how many fields the noise of a data set is measured, and in how many frames.

        They are enough to tell, and fit into memory.
        """
        return {"fields": 4, "at_most": 8}

    @cached_property
    def whole_sparse_sets(self) -> list[str]:
        """Test sets of sparse stacks that have a truth at all places along z."""
        sets = {name: self.sparse.get(self.tested(name)) for name in self.test_sets}
        return [name for name, entry in sets.items() if entry and entry["beside"] == "truth"]

    @cached_property
    def known_sheet_sets(self) -> list[str]:
        """Test sets of simulated sheets in which some method tells how deep they lie."""
        sets = [n for n in self.test_sets if self.tested(n) in self.simulated_sheets]
        return [name for name in sets if self.deep_runs_on(name)]

    def deep_runs_on(self, test_set: str) -> list[str]:
        """Return the runs on a test set that tell how deep a sheet lies."""
        return [run for run in self.runs_on(test_set) if self._tells_depth(Run.parse(run).method)]

    def deep_methods(self, experiment: str) -> list[str]:
        """Return the methods of an experiment that tell how deep a sheet lies."""
        return [method for method in self.methods_of(experiment) if self._tells_depth(method)]

    def _tells_depth(self, method: str) -> bool:
        entry = self.config["methods"][method]
        if method in self.projecting_filters:
            return bool(entry["options"]["how"] == "surface")
        return method in self.projecting_methods and "of" not in entry

    @cached_property
    def sharp_sets(self) -> list[str]:
        """Test sets whose truth is sharper than their images, where there is one."""
        return [name for name in self.scored_sets if self.tested(name) in self.sharp]

    def line_pairs(self, test_set: str) -> Mapping[str, Any] | None:
        """Return the simulation of a test set of pairs of lines, and None of all others."""
        entry = self.config["datasets"][self.tested(test_set)]
        settings = entry.get("simulate", {})
        if settings.get("structure") != "lines":
            return None
        return {**settings, "pixel_size_um": entry["pixel_size_um"]}

    @cached_property
    def examined_sets(self) -> list[str]:
        """Test sets whose residuals are looked at: not those made into something else."""
        left_out = {*self.sparse, *self.sheets, *self.sharp}
        return [name for name in self.test_sets if self.tested(name) not in left_out]

    @cached_property
    def averaged(self) -> dict[str, Mapping[str, int]]:
        """Of data sets whose long exposures are means that hold the short ones, of how many."""
        entries = self.config["datasets"].items()
        return {name: entry["averaged"] for name, entry in entries if "averaged" in entry}

    def choice_of(self, dataset: str) -> dict[str, str | int | None]:
        """Return which channel and which scene of several are read, and whether as volumes."""
        entry = self.config["datasets"][dataset]
        choice = {key: entry.get(key) for key in ("channel", "scene")}
        return {**choice, "volumes": True} if "z_spacing_um" in entry else choice

    def registered_choice(self, dataset: str) -> dict[str, str | int | None]:
        """Return the same of what is registered: of stacks with a sheet, single planes."""
        return {} if dataset in self.sheets else self.choice_of(dataset)

    def is_of_volumes(self, dataset: str) -> bool:
        """Say whether the images of a data set are volumes, (Z, Y, X), and stay so."""
        return "z_spacing_um" in self.config["datasets"][dataset] and dataset not in self.sheets

    def z_spacing(self, dataset: str) -> float | None:
        """Return how far planes of volumes lie apart, where files do not tell; None of planes."""
        entry = self.config["datasets"][dataset]
        return entry["z_spacing_um"] if self.is_of_volumes(dataset) else None

    @cached_property
    def compared_with_truth(self) -> set[str]:
        """Data sets of which every image needs a long exposure, whatever it is used for."""
        measured = [entry["measured"] for entry in self.looks.values()]
        calibrating = [
            dataset
            for entry in self.noise_models.values()
            if entry["origin"] == "pairs"
            for datasets in entry.get("datasets", {}).values()
            for dataset in datasets
        ]
        chosen = [entry["chosen_on"] for entry in self.segmentations.values()]
        bright = [entry["dataset"] for entry in chosen if entry["exposure"] == "high"]
        return {*measured, *calibrating, *bright}

    def split_of(self, train_set: str) -> str:
        """Return the split of its data set that a train set is cut from."""
        return self.config["train_sets"][train_set].get("split", "train")

    def splits_of(self, dataset: str) -> list[str]:
        """Return which splits of a data set are used, ``train`` if a network is trained on it."""
        learning = self.trained_methods or self.training_commands
        trained = self.config["train_sets"] if learning else ()
        needed = {self.split_of(name) for name in trained if dataset in self.channels_of(name)}
        if any(entry["dataset"] == dataset for entry in self.config["test_sets"].values()):
            needed.add("test")
        return sorted(needed, reverse=True)

    def _trains_on(self, train_set: str) -> str:
        return self.config["train_sets"][train_set]["dataset"]

    def channels_of(self, train_set: str) -> list[str]:
        """Return the data sets that a train set has patches of: its own, and those beside it."""
        entry = self.config["train_sets"][train_set]
        return [entry["dataset"], *entry.get("beside", ())]

    # Methods.

    @cached_property
    def methods(self) -> list[str]:
        """Methods, the control first: every table and figure begins with the image as it is."""
        return sorted(self.config["methods"], key="noisy".__ne__)

    def methods_of(self, experiment: str) -> list[str]:
        """Return the methods that take part in an experiment, in the order of all."""
        chosen = self.config["experiments"][experiment].get("methods", self.methods)
        return [name for name in self.methods if name in chosen]

    def _methods_with(self, key: str) -> list[str]:
        return [name for name in self.methods if key in self.config["methods"][name]]

    @cached_property
    def filter_methods(self) -> list[str]:
        """Filters of this library, the control among them."""
        return self._methods_with("filter")

    @cached_property
    def outside_methods(self) -> list[str]:
        """Methods from outside of the study: given images, networks of elsewhere, commands."""
        kinds = {"images", "model", "command"}
        return [name for name in self.methods if self.config["methods"][name].keys() & kinds]

    @cached_property
    def model_methods(self) -> list[str]:
        """Methods that are a network which another study trained."""
        return [n for n in self._methods_with("model") if n not in self.package_methods]

    @cached_property
    def package_methods(self) -> list[str]:
        """Methods that are a stranger's package, which the study trusts."""
        return self._methods_with("trust")

    @cached_property
    def commands(self) -> list[str]:
        """Methods that are a command of another program."""
        return self._methods_with("command")

    @cached_property
    def training_commands(self) -> list[str]:
        """Commands that learn from the images of a train set before they restore."""
        return [n for n in self.commands if outside.is_trained(self.config["methods"][n])]

    @cached_property
    def untrained_methods(self) -> list[str]:
        """Methods of which one run restores a test set, whatever the study trains on."""
        return [name for name in self.methods if name not in self._learning_methods]

    @cached_property
    def _learning_methods(self) -> list[str]:
        """Methods whose runs are of a train set."""
        return [*self.network_methods, *self.training_commands, *self.ensemble_methods]

    @cached_property
    def trained_methods(self) -> list[str]:
        """Methods that train a network of their own."""
        return self._methods_with("network")

    @cached_property
    def network_methods(self) -> list[str]:
        """Methods that restore with a network: trained ones, and those that are of one of them."""
        return [n for n in self.methods if self.config["methods"][n].keys() & {"network", "of"}]

    @cached_property
    def ensemble_methods(self) -> list[str]:
        """Methods that are the mean of one method's networks, trained with several seeds."""
        return self._methods_with("ensemble")

    def member_runs(self, method: str, train_set: str) -> list[Run]:
        """Return the runs that an ensemble is made of, the least seed first."""
        entry = self.config["methods"][method]["ensemble"]
        seeds = [*entry.get("members", self.config["seeds"]), *entry.get("more_seeds", ())]
        return [Run(entry["of"], train_set, seed) for seed in sorted(seeds)]

    @cached_property
    def seeds(self) -> list[int]:
        """All seeds that some network is trained with, those for ensembles alone at the end."""
        found = [int(run.seed) for run in self.networks]
        return list(dict.fromkeys([*self.config["seeds"], *found]))

    @cached_property
    def masked_methods(self) -> list[str]:
        """Trained methods that learn from hidden pixels of single noisy images."""
        return [n for n in self.trained_methods if self.objective(n) == "noise2void"]

    @cached_property
    def unmasked_methods(self) -> list[str]:
        """Trained methods that learn from an image beside what it is to become."""
        return [name for name in self.trained_methods if name not in self.masked_methods]

    @cached_property
    def joint_methods(self) -> list[str]:
        """Trained methods whose network restores all channels of a sample at once."""
        return [n for n in self.trained_methods if "channels" in self.config["methods"][n]]

    def learned(self, train_set: str, method: str) -> str:
        """Return the train set of the network that restores for one: its own, or the channels'."""
        entry = self.config["methods"][method]
        of = entry["ensemble"]["of"] if "ensemble" in entry else method
        return str(self._trained(of).get("channels", train_set))

    def channels(self, method: str) -> list[str]:
        """Return the data sets that are the channels of a method's network, in their order."""
        return self.channels_of(self.learned("", method))

    @cached_property
    def isotropic_methods(self) -> list[str]:
        """Trained methods that learn from planes of a stack what lies between them."""
        return [n for n in self.trained_methods if self.objective(n) == "isotropic"]

    @cached_property
    def projecting_methods(self) -> list[str]:
        """Methods whose network makes planes of stacks."""
        return [name for name in self.network_methods if self._projects(name)]

    def _projects(self, method: str) -> bool:
        network = self.config["networks"][self._trained(method)["network"]]
        return bool(network["architecture"] == "projection-unet")

    @cached_property
    def projecting_filters(self) -> list[str]:
        """Filters that make planes of stacks."""
        filters = self.filter_methods
        return [n for n in filters if self.config["methods"][n]["filter"] == "projection"]

    @cached_property
    def plain_filters(self) -> list[str]:
        """Filters that restore an image as it is."""
        return [name for name in self.filter_methods if name not in self.projecting_filters]

    @cached_property
    def paired_methods(self) -> list[str]:
        """Trained methods that learn from an image beside another one, as alike along all axes."""
        return [n for n in self.unmasked_methods if n not in self.isotropic_methods]

    def combination(self, method: str) -> str:
        """Return how a method joins what it restores along both directions."""
        entry = self.config["methods"][method]
        return entry.get("combine", "geometric" if "as_published" in entry else "arithmetic")

    @cached_property
    def greatest_stride(self) -> int:
        """By what the sides of all networks' images are divided."""
        depths = [
            max(network.get("depth", 0), network.get("projection_depth", 0))
            for network in self.trained_networks
        ]
        return max((2**depth for depth in depths), default=1)

    @cached_property
    def blind_methods(self) -> list[str]:
        """Trained methods that see noisy images alone, which may be those that they restore."""
        objectives = ("noise2void", "neighbours", "isotropic")
        return [n for n in self.trained_methods if self.objective(n) in objectives]

    def looks_at(self, dataset: str) -> int:
        """Return how many frames at a time some network looks at in a data set."""
        used = [
            entry["train_set"]
            for entry in self.config["experiments"].values()
            if dataset in (self._trains_on(entry["train_set"]), self.tested(entry["test_set"]))
        ]
        methods = self.trained_methods if used else []
        return max((self.config["methods"][n].get("frames", 1) for n in methods), default=1)

    @cached_property
    def posterior_methods(self) -> list[str]:
        """Methods that restore with samples of a prior, weighed by a noise model."""
        return [name for name in self.network_methods if self._trained(name)["loss"] == "pn2v"]

    @cached_property
    def plain_methods(self) -> list[str]:
        """Methods whose network gives the restored image itself."""
        others = {*self.posterior_methods, *self.isotropic_methods, *self.projecting_methods}
        others |= {*self.joint_methods}
        return [name for name in self.network_methods if name not in others]

    def objective(self, method: str) -> str | None:
        """Return what a method's network is trained for."""
        return self.config["methods"][method].get("objective")

    def network_of(self, method: str) -> str:
        """Return the method whose network is used: a method's own, or that of the one it is of."""
        return self.config["methods"][method].get("of", method)

    @cached_property
    def shared_networks(self) -> dict[str, str]:
        """Of methods that restore with the networks of another one, that other."""
        return {n: self.network_of(n) for n in self.network_methods if self.network_of(n) != n}

    def _trained(self, method: str) -> Mapping[str, Any]:
        return self.config["methods"][self.network_of(method)]

    @cached_property
    def trained_networks(self) -> list[Mapping[str, Any]]:
        """Settings of the networks that are trained, each once."""
        used = dict.fromkeys(self.config["methods"][n]["network"] for n in self.trained_methods)
        return [self.config["networks"][name] for name in used]

    # What is trained, and what that depends on.

    def train_settings(self, method: str) -> dict[str, Any]:
        """Return all that decides a trained network, besides its patches and its seed."""
        entry = self.config["methods"][method]
        settings = {
            "method": entry,
            "network": self.config["networks"][entry["network"]],
            "training": self.config["training"],
        }
        if method in self.joint_methods:
            settings["channels"] = self.channels(method)
        model = self.noise_model_settings(method)
        return settings if model is None else {**settings, "noise_model": model}

    @cached_property
    def networks(self) -> list[Run]:
        """Every network that some experiment needs, as the run that it restores in."""
        needed = dict.fromkeys(
            member
            for experiment, entry in self.config["experiments"].items()
            for method in self.methods_of(experiment)
            if method in self.network_methods + self.ensemble_methods
            for member in self._trained_for(entry["train_set"], method)
        )
        joint = [name for name in self.config["train_sets"] if name not in self.needed_train_sets]
        names = [*self.needed_train_sets, *joint, *self.methods]
        order = {name: i for i, name in enumerate(names)}
        return sorted(needed, key=lambda run: (order[run.train_set], order[run.method]))

    def _trained_for(self, train_set: str, method: str) -> list[Run]:
        learned = self.learned(train_set, method)
        if method in self.ensemble_methods:
            return self.member_runs(method, learned)
        return [Run(self.network_of(method), learned, seed) for seed in self.config["seeds"]]

    def target(self, method: str) -> str:
        """Return what patches in images' or common units are beside; empty for CARE's normalised.

        It is what `denoisekit.training.frames.gather` takes as its target.
        """
        entry, objective = self.config["methods"][method], self.objective(method)
        normalization = entry.get("normalization", "mean-std")
        if objective == "isotropic":
            return "isotropic" + ("-published" if "as_published" in entry else "")
        if self._projects(method):
            return "stacks"
        if "channels" in entry:
            return "channels" + ("-shuffled" if "shuffled" in entry else "")
        if objective == "supervised" and entry.get("normalization", "percentiles") == "percentiles":
            return ""
        truth = "matched" if entry.get("match_truth", True) else "clean"
        kinds = {
            "supervised": truth,
            "noise2noise": "next",
            "neighbours": "own",
            "noise2void": "none",
        }
        common = "-photons" if normalization == "photons" else ""
        frames = f"-frames{entry['frames']}" if "frames" in entry else ""
        return kinds[str(objective)] + common + frames

    def patch_files(self, method: str) -> dict[str, str]:
        """Return what a method learns from: CARE's normalised patches, or frames' units."""
        if self.target(method):
            return {"frames": self.target(method)}
        names = ("low.npy", "high.npy", "positions.tsv", "units.json")
        return {Path(name).stem: name for name in names}

    def structure_module(self, dataset: str) -> str:
        """Return the library's module of the structure that a simulated data set shows."""
        simulation = self.config["datasets"][dataset]["simulate"]
        kind = "volumes" if "z_spacing_um" in self.config["datasets"][dataset] else "structures"
        kind = "synthetic" if dataset in self.sharp else kind
        return _module(f"simulate.{kind}", simulation["structure"])

    def filter_module(self, method: str) -> str:
        """Return the library's module of a filter."""
        return _module("filters", self.config["methods"][method]["filter"])

    def network_module(self, method: str) -> str:
        """Return the library's module of the network that a method restores with."""
        network = self.config["networks"][self._trained(method)["network"]]
        return _module("networks", network["architecture"])

    def train_modules(self, method: str) -> list[str]:
        """Return the library's modules that a training finds by name: its loss and its network."""
        loss = _module("losses", self.config["methods"][method]["loss"])
        return [self.network_module(method), *([loss] if method in self.unmasked_methods else [])]

    # What is kept from training.

    @cached_property
    def validated_methods(self) -> list[str]:
        """Trained methods that saw truths, so that the images kept from training can be scored."""
        seeing = [name for name in self.trained_methods if self.objective(name) == "supervised"]
        others = {*self.projecting_methods, *self.joint_methods}
        return [name for name in seeing if name not in others]

    def validating_filters(self, train_set: str) -> list[str]:
        """Return the filters that a train set's networks are held against: their experiments'."""
        experiments = [n for n in self.config["experiments"] if self._train_set(n) == train_set]
        used = {name for experiment in experiments for name in self.methods_of(experiment)}
        filters = [name for name in self.plain_filters if name in used]
        return [name for name in filters if self.config["methods"][name]["filter"] != "noisy"]

    @cached_property
    def validation_settings(self) -> dict[str, Any]:
        """Which images are kept from training, how many are scored, and how much of each."""
        kept = {key: self.config["patches"][key] for key in ("validation_fraction", "seed")}
        return {**kept, "images": 4, "side_px": 256}

    @cached_property
    def validated(self) -> list[Run]:
        """Networks that are held against filters, if any; none that are for ensembles alone."""
        chosen, seeds = self.validated_methods, self.config["seeds"]
        own = [run for run in self.networks if run.method in chosen and run.seed in seeds]
        return [run for run in own if self.validating_filters(run.train_set)]

    # What predicted scales are worth.

    @cached_property
    def scaled_methods(self) -> list[str]:
        """Methods that predict a scale of the truth, and ensembles of their networks."""
        methods = self.config["methods"]
        own = [name for name in self.validated_methods if methods[name]["loss"] == "laplace"]
        return [
            name
            for name in self.methods
            if methods[name].get("ensemble", {"of": name})["of"] in own
        ]

    def members_of(self, run: str) -> list[Run]:
        """Return the networks' runs that a run is made of: itself, or an ensemble's members."""
        parts = Run.parse(run)
        if parts.method in self.ensemble_methods:
            return self.member_runs(parts.method, parts.train_set)
        return [parts]

    def shown_members(self, experiment: str) -> dict[str, list[str]]:
        """Return the runs of the networks whose scales stand for every method in a figure."""
        runs = self.shown_runs(experiment)
        return {
            method: [member.name for member in self.members_of(run)]
            for method, run in runs.items()
            if method in self.scaled_methods
        }

    @cached_property
    def calibrated(self) -> list[tuple[str, str]]:
        """Test sets that have a truth, each with every run whose scales are held against it."""
        return [
            (test_set, run)
            for test_set in self.scored_sets
            for run in self.runs_on(test_set)
            if Run.parse(run).method in self.scaled_methods
        ]

    @cached_property
    def kept_settings(self) -> dict[str, Any]:
        """Which images kept from training scales are calibrated on, and how much of each."""
        return {**self.validation_settings, "images": 100}

    # What was invented or erased.

    @cached_property
    def residual_settings(self) -> dict[str, float]:
        """Over which width residuals are averaged, in px, and the false-discovery rate."""
        return {"sigma_px": 2.0, "rate": 0.05}

    def identities(self, test_set: str) -> dict[str, dict[str, str]]:
        """Return what each run on a test set is, by its name."""
        return {run: self.identity(run, test_set) for run in self.runs_on(test_set)}

    # Controls.

    @cached_property
    def control_sets(self) -> dict[str, str]:
        """Test sets of pure noise and flat fields, each with the test set that it is like."""
        named = self.config.get("controls", {"test_sets": []})["test_sets"]
        return {f"{name}.controls": name for name in named}

    @cached_property
    def controlled_methods(self) -> list[str]:
        """Methods that restore controls: not given images, others' commands, nor channels."""
        asked = self.config["methods"].items()
        given = [name for name, entry in asked if entry.keys() & {"images", "command"}]
        joint = [n for n in self._learning_methods if self.learned("", n)]
        return [name for name in self.methods if name not in {*given, *joint}]

    @cached_property
    def control_settings(self) -> dict[str, int]:
        """How many control images of each kind there are, and the seed of their noise."""
        return {key: self.config["controls"][key] for key in ("images", "seed")}

    def controlled_runs(self, experiment: str) -> dict[str, str]:
        """Return the run that shows each method's controls of an experiment."""
        shown = self.shown_runs(experiment).items()
        return {method: run for method, run in shown if method in self.controlled_methods}

    @cached_property
    def controlled(self) -> list[str]:
        """Experiments whose test sets have controls."""
        experiments, named = self.config["experiments"].items(), self.control_sets.values()
        return [name for name, entry in experiments if entry["test_set"] in named]

    # What restoration is worth downstream.

    @property
    def segmentations(self) -> Mapping[str, Any]:
        """Pipelines that find objects in what is restored, by name."""
        return self.config.get("segmentation", {})

    def labelled(self, dataset: str) -> str:
        """Return the data set that has a data set's labels: itself, or what it is thinned of."""
        return self.thinned[dataset]["of"] if dataset in self.thinned else dataset

    @cached_property
    def drawn_labels(self) -> list[str]:
        """Data sets whose labels are drawn as their volumes, or sheets in these, are."""
        return [n for n in self.simulating if "z_spacing_um" in self.config["datasets"][n]]

    @cached_property
    def own_labels(self) -> dict[str, str]:
        """Of data sets whose labels are the user's own, the pattern of their files."""
        entries = self.config["datasets"].items()
        return {name: entry["labels"] for name, entry in entries if "labels" in entry}

    @cached_property
    def taken_labels(self) -> list[str]:
        """Data sets whose own labels some pipeline is chosen or scored by, each once."""
        used = [entry["chosen_on"]["dataset"] for entry in self.segmentations.values()]
        used += [self.tested(test_set) for _, test_set, _ in self.segmented]
        used = [self.sparse.get(name, {"of": name})["of"] for name in used]
        return [name for name in dict.fromkeys(map(self.labelled, used)) if name in self.own_labels]

    @cached_property
    def segmented(self) -> list[tuple[str, str, str]]:
        """Every pipeline, with each test set and each run that it finds objects in."""
        return [
            (name, test_set, run)
            for name, entry in self.segmentations.items()
            for test_set in entry["test_sets"]
            for run in self.runs_on(test_set)
        ]

    @cached_property
    def segmented_experiments(self) -> list[tuple[str, str]]:
        """Every pipeline with each experiment whose images it finds objects in."""
        return [
            (name, experiment)
            for name, entry in self.segmentations.items()
            for experiment, of in self.config["experiments"].items()
            if of["test_set"] in entry["test_sets"]
        ]

    @cached_property
    def segmentation_settings(self) -> dict[str, Any]:
        """How found objects are compared: always with the best filter, never with noise alone."""
        family = {"experiments": "all", "methods": "all", "metrics": "all", "conventions": "all"}
        tests = {"references": [BEST_FILTER], "alpha": self.config["statistics"]["alpha"]}
        tests |= {"family": family, "margins": {}, "shared": self.shared_networks}
        return {"methods": self.methods, "outside": self.outside_methods, "statistics": tests}

    # Noise models.

    @property
    def noise_models(self) -> Mapping[str, Any]:
        """Settings of the noise models by name."""
        return self.config.get("noise_models", {})

    def noise_model_settings(self, method: str) -> Mapping[str, Any] | None:
        """Return the settings of the noise model that a method's samples are weighed by."""
        return self.noise_models.get(self._trained(method).get("noise_model", ""))

    def noise_model_name(self, method: str, *, seed: int | str) -> str | None:
        """Return what a method's noise model is called, learned once or for each seed."""
        settings, name = self.noise_model_settings(method), self._trained(method).get("noise_model")
        learned = settings is not None and settings["origin"] == "restoration"
        return f"{name}.seed{seed}" if learned else name

    def noise_model_datasets(self, noise_model: str, train_set: str) -> list[str]:
        """Return the data sets to learn noise from: those named, or the train set's own."""
        named = self.noise_models[noise_model].get("datasets", {})
        return named.get(train_set, [self._trains_on(train_set)])

    def noise_model_splits(self, noise_model: str, train_set: str) -> list[str]:
        """Return the splits to learn noise from: all of other data sets, or the train set's."""
        named = self.noise_models[noise_model].get("datasets", {})
        return ["train", "test"] if train_set in named else [self.split_of(train_set)]

    # Runs.

    @cached_property
    def needed_train_sets(self) -> list[str]:
        """Train sets that some experiment needs."""
        entries = self.config["experiments"].values()
        return list(dict.fromkeys(entry["train_set"] for entry in entries))

    @cached_property
    def runs(self) -> list[str]:
        """Every run's name."""
        return list(dict.fromkeys(n for name in self.test_sets for n in self.runs_on(name)))

    def runs_on(self, test_set: str) -> list[str]:
        """Return the runs that restore a test set: untrained ones, and its experiments' own."""
        asked = self.control_sets.get(test_set, test_set)
        experiments = self.config["experiments"].items()
        used = [name for name, entry in experiments if entry["test_set"] == asked]
        found = {run for name in used for run in self.runs_of(name)}
        trained = [
            run.name
            for train_set in dict.fromkeys(map(self._train_set, used))
            for method in self._learning_methods
            for run in self._all(train_set, method)
        ]
        names = [name for name in (*self.untrained_methods, *trained) if name in found]
        if test_set not in self.control_sets:
            return names
        return [name for name in names if Run.parse(name).method in self.controlled_methods]

    @cached_property
    def outside_runs(self) -> list[str]:
        """Names of the runs of methods from outside of the study."""
        return [name for name in self.runs if Run.parse(name).method in self.outside_methods]

    @cached_property
    def command_runs(self) -> list[str]:
        """Names of the runs of commands."""
        return [name for name in self.runs if Run.parse(name).method in self.commands]

    def runs_of(self, experiment: str) -> list[str]:
        """Return the runs of an experiment in the order of the methods."""
        train_set, methods = self._train_set(experiment), self.methods_of(experiment)
        return [run.name for method in methods for run in self._all(train_set, method)]

    def shown_runs(self, experiment: str) -> dict[str, str]:
        """Return the run that stands for every method in a figure: the first seed's or the only."""
        train_set, methods = self._train_set(experiment), self.methods_of(experiment)
        return {method: self._all(train_set, method)[0].name for method in methods}

    def _train_set(self, experiment: str) -> str:
        return self.config["experiments"][experiment]["train_set"]

    def _all(self, train_set: str, method: str) -> list[Run]:
        if method in self.untrained_methods:
            return [Run(method)]
        if method in self.ensemble_methods:
            return [Run(method, train_set, ENSEMBLE)]
        return [Run(method, train_set, seed) for seed in self.config["seeds"]]

    def identity(self, run: str, test_set: str) -> dict[str, str]:
        """Return what a run is, and on what: the first columns of every row of its scores."""
        parts = Run.parse(run)
        return {
            "test_set": test_set,
            "run": run,
            "train_set": parts.train_set,
            "method": parts.method,
            "seed": str(parts.seed),
            "simulated": "yes" if self.tested(test_set) in self.simulated else "no",
        }

    # Tests.

    @cached_property
    def test_sets(self) -> list[str]:
        """Test sets that some experiment restores; on others nothing is run."""
        used = {entry["test_set"] for entry in self.config["experiments"].values()}
        return [name for name in self.config["test_sets"] if name in used]

    def tested(self, test_set: str) -> str:
        """Return the data set of a test set, or of one that is the control of another."""
        return self.config["test_sets"][self.control_sets.get(test_set, test_set)]["dataset"]

    @cached_property
    def scored_sets(self) -> list[str]:
        """Test sets that have a truth; others are restored and shown, not scored or compared."""
        known = {*self.with_truth, *self.simulated, *self.thinned, *self.sparse}
        return [name for name in self.test_sets if self.tested(name) in known]

    @cached_property
    def scored(self) -> list[str]:
        """Experiments that have a truth."""
        experiments = self.config["experiments"].items()
        return [name for name, entry in experiments if entry["test_set"] in self.scored_sets]

    def is_scored(self, experiment: str) -> bool:
        """Say whether an experiment has a truth."""
        return experiment in self.scored

    @property
    def of_patches(self) -> list[str]:
        """Data sets whose images are patches that somebody cut and normalised."""
        return [n for n, entry in self.config["datasets"].items() if "as_patches" in entry]

    @cached_property
    def apart(self) -> list[tuple[str, str, str]]:
        """What must lie apart: a data set, its split to train on, and the data set to test on."""
        return list(
            dict.fromkeys(
                (dataset, self.split_of(train_set), self.tested(entry["test_set"]))
                for name, entry in self.config["experiments"].items()
                for train_set in self._learned_in(name)
                for dataset in self._seen_of(train_set, entry["train_set"])
            )
        )

    def _learned_in(self, experiment: str) -> list[str]:
        """Return the train sets of an experiment's networks, its own first."""
        own, methods = self._train_set(experiment), self.methods_of(experiment)
        joint = [self.learned(own, n) for n in methods if n in self._learning_methods]
        return list(dict.fromkeys([own, *joint]))

    def _seen_of(self, train_set: str, own: str) -> list[str]:
        """Return the data sets that networks of a train set see: of an experiment's own, one."""
        return [self._trains_on(own)] if train_set == own else self.channels_of(train_set)

    # Tables, figures and the page.

    @cached_property
    def score_settings(self) -> dict[str, Any]:
        """How scores are shown: the methods in their order, whose they are, and the convention."""
        convention = self.config["conventions"][0]
        return {"methods": self.methods, "outside": self.outside_methods, "convention": convention}

    @cached_property
    def image_settings(self) -> dict[str, Any]:
        """How a figure shows images: by the scores of the reference, that choose them."""
        return {**self.score_settings, "reference": self.config["statistics"]["references"][0]}

    @cached_property
    def test_settings(self) -> dict[str, Any]:
        """How methods are tested against the references: all that `comparisons.compare` takes."""
        told = {
            key: self.config["statistics"][key]
            for key in ("references", "alpha", "family", "margins")
        }
        return {**told, "shared": self.shared_networks}

    @property
    def looks(self) -> Mapping[str, Any]:
        """Pairs of a simulated and a measured data set, set side by side, by name."""
        return self._looks(sharp=False)

    @cached_property
    def ranges(self) -> Mapping[str, Any]:
        """Pairs of which it is told whether measured images lie within what was simulated."""
        return self._looks(sharp=True)

    def _looks(self, *, sharp: bool) -> dict[str, Any]:
        entries = self.config.get("looks", {}).items()
        return {n: entry for n, entry in entries if (entry["simulated"] in self.sharp) == sharp}

    def looks_of(self, pair: str) -> list[str]:
        """Return the data sets that are set side by side: the simulated one, the measured one."""
        pairs = {**self.looks, **self.ranges}
        return [pairs[pair][kind] for kind in ("simulated", "measured")]

    def looks_pixel_sizes(self, pair: str) -> list[float]:
        """Return the pixel sizes of both, in µm, where a file does not tell it."""
        return [self.config["datasets"][name]["pixel_size_um"] for name in self.looks_of(pair)]

    @property
    def sweeps(self) -> Mapping[str, Any]:
        """Experiments that show the same images at several doses of light, by name."""
        return self.config.get("dose", {})

    @cached_property
    def swept_sets(self) -> list[str]:
        """Test sets of the doses, each once."""
        names = [name for sweep in self.sweeps.values() for name in sweep["experiments"]]
        return list(dict.fromkeys(self.config["experiments"][name]["test_set"] for name in names))

    @cached_property
    def swept_datasets(self) -> list[str]:
        """Data sets of the doses, each once."""
        return list(dict.fromkeys(map(self.tested, self.swept_sets)))

    @cached_property
    def dose_settings(self) -> dict[str, Any]:
        """How doses are compared: by which scores, of which methods, and at what level."""
        settings = {key: self.score_settings[key] for key in ("methods", "convention")}
        return {**settings, "sweeps": self.sweeps, "alpha": self.config["statistics"]["alpha"]}

    def camera_of(self, dataset: str) -> Mapping[str, Any]:
        """Return the settings of a simulated data set's camera; nothing is known of a real one."""
        return self.config["datasets"][dataset].get("simulate", {}).get("camera", {})

    @cached_property
    def regimes(self) -> dict[str, Any]:
        """Of experiments the data set and noise regime whose printed scores they stand beside."""
        printed = self.config.get("published_regimes", {}).get("experiments", {})
        return {name: regime for name, regime in printed.items() if name in self.scored}

    @cached_property
    def claims_files(self) -> list[str]:
        """The table of a paper's claims, where the folder of published numbers is one of these."""
        folders = [self.config["published"]] if "published" in self.config else []
        found = [Path(folder, CLAIMS_FILE) for folder in folders]
        return [str(path) for path in found if path.is_file()]

    @property
    def audited(self) -> bool:
        """Whether a paper's printed rows are audited, and set beside this study's."""
        return "published" in self.config and not self.claims_files

    @cached_property
    def claimed(self) -> list[dict[str, str]]:
        """What answers which of CARE's claims: a method in an experiment, beside another one."""
        found = [one for name in self.scored for one in self._claimed_in(name)]
        return [
            dict(zip(("claim", "experiment", "method", "beside"), one, strict=True))
            for one in found
        ]

    @cached_property
    def claim_settings(self) -> dict[str, Any]:
        """How claims are held against scores: all that `denoisekit.published.care` takes."""
        alpha = self.config["statistics"]["alpha"]
        return {**self.score_settings, "alpha": alpha, "shared": self.shared_networks}

    def _claimed_in(self, experiment: str) -> Iterable[tuple[str, str, str, str]]:
        """Return claim, experiment, method and what stands beside it; nothing stands as empty."""
        methods = self.methods_of(experiment)
        tested = self.tested(self.config["experiments"][experiment]["test_set"])
        own = [n for n in self.trained_methods if n in methods and self._is_of_care(n, tested)][:1]
        unfiltered = not {*methods} & {*self.filter_methods} - {"noisy"}
        for method in own:
            for claim in self._claims_of(tested):
                against = "" if claim in ("restored", "lateral") else BEST_FILTER
                if not (against and unfiltered):
                    yield claim, experiment, method, against
        for joint, alone in self._joint_and_alone(methods):
            yield "channels", experiment, joint, alone
        for method in [name for name in methods if name in self.scaled_methods]:
            if method in self.ensemble_methods:
                yield "disagreement", experiment, method, ""
            elif method in own:
                yield "intervals", experiment, method, ""

    def _joint_and_alone(self, methods: Collection[str]) -> Iterable[tuple[str, str]]:
        """Return methods that see all channels, each with the one that is alike but sees one."""
        config = self.config["methods"]
        for name in [name for name in methods if "channels" in config[name]]:
            alone = {key: value for key, value in config[name].items() if key != "channels"}
            alike = [other for other in methods if config[other] == alone]
            yield from [(name, other) for other in alike[:1]]

    def _claims_of(self, dataset: str) -> list[str]:
        """Return CARE's claims that images of a data set can answer, channels and scales apart."""
        if dataset in self.sparse:
            whole = self.sparse[dataset]["beside"] == "truth"
            return ["axial", "restored", "lateral", "wrong-nuclei"] if whole else []
        if dataset in self.sheets:
            return ["projection"]
        if dataset in self.sharp:
            simulation = self.config["datasets"][dataset].get("simulate", {})
            of_pairs = simulation.get("structure") == "lines"
            return ["imperceptible"] if of_pairs else ["synthetic", "resolution"]
        return ["denoising", "segmentation"] if self.is_of_volumes(dataset) else []

    def _is_of_care(self, method: str, dataset: str) -> bool:
        """Say whether a trained method is the one that CARE's paper takes for such images."""
        entry = self.config["methods"][method]
        if dataset in self.sparse:
            return self.objective(method) == "isotropic" and "as_published" not in entry
        if dataset in self.sheets:
            return self._projects(method)
        return self.objective(method) == "supervised" and not entry.keys() & {"dims", "channels"}

    def posterior_run(self, experiment: str) -> Run:
        """Return the run of which one pixel's posterior is drawn: of the first network with one."""
        method, *_ = self._posterior_of(experiment)
        return Run(method, self._train_set(experiment), self.config["seeds"][0])

    def _posterior_of(self, experiment: str) -> list[str]:
        own = [name for name in self.trained_methods if name in self.posterior_methods]
        return [name for name in own if name in self.methods_of(experiment)]

    @cached_property
    def figures(self) -> list[str]:
        """Names of the figures; the paper's two are of its experiment AA."""
        experiments, kinds = self.config["experiments"], ("montage", "scores", "sharpness")
        names = [f"{kind}-{name}" for kind in kinds for name in self.scored]
        names += [f"restored-{name}" for name in experiments if name not in self.scored]
        calibrated = [name for name in self.scored if self.shown_members(name)]
        names += [f"{kind}-{name}" for kind in ("calibration", "profile") for name in calibrated]
        tested = {name: entry["test_set"] for name, entry in experiments.items()}
        names += [f"residuals-{n}" for n, of in tested.items() if of in self.examined_sets]
        names += [f"isotropy-{n}" for n, of in tested.items() if of in self.whole_sparse_sets]
        names += [
            f"depth-{name}"
            for name, of in tested.items()
            if of in self.known_sheet_sets and self.deep_methods(name)
        ]
        names += [
            f"{kind}-{name}"
            for name, of in tested.items()
            if of in self.sharp_sets
            for kind in ("resolution", "reblurred")
        ]
        names += [f"controls-{name}" for name in self.controlled]
        names += [f"segmentation-{name}.{of}" for name, of in self.segmented_experiments]
        names += [f"posterior-{name}" for name in experiments if self._posterior_of(name)]
        if "AA" in self.scored:
            names += ["figure-1-AA", "figure-2-AA"]
        if len(self.config["conventions"]) > 1 and self.scored:
            names.append("conventions")
        if self.regimes:
            names.append("regimes")
        if self.trained_methods:
            names.append("learning-curves")
        names += [f"dose-{name}" for name in self.sweeps]
        names += [f"looks-{name}" for name in self.looks]
        return names + [f"range-{name}" for name in self.ranges]

    @cached_property
    def moving_figures(self) -> list[str]:
        """Names of the figures that move: of what each method with a scale predicts."""
        return [
            f"flicker-{name}.{method}"
            for name in self.scored
            for method in self.shown_members(name)
        ]

    @cached_property
    def tables(self) -> list[str]:
        """Names of the tables, the paper's own left out."""
        names = ["experiments", "noise", *(["residuals"] if self.examined_sets else [])]
        if self.scored:
            names += ["scores", "summary", "comparisons", "conventions", "sharpness"]
            names += ["calibration"] if self.calibrated else []
            names += ["without-truth"] if self.halved_sets else []
            names += ["dose", "least-light"] if self.sweeps else []
            names += ["isotropy"] if self.whole_sparse_sets else []
            names += ["depth"] if self.known_sheet_sets else []
            names += ["resolution"] if self.sharp_sets else []
            names += ["audit"] if self.audited else []
            names += ["claims"] if self.claims_files else []
        names += ["controls"] if self.controlled else []
        names += ["segmentation", "segmentation-tests"] if self.segmented_experiments else []
        names += ["looks"] if self.looks else []
        names += ["ranges"] if self.ranges else []
        return names + (["regimes"] if self.regimes else [])

    def job_words(self, files: Iterable[str]) -> set[str]:
        """Return all words, rules' names left out, that the paths of benchmarks are made of.

        `files` are those of the study's sources, as ``<source>/<name>``.
        """
        kinds = ("datasets", "train_sets", "test_sets", "experiments", "methods")
        named = {name for kind in kinds for name in self.config[kind]}
        seeds = {f"seed{seed}" for seed in self.seeds}
        runs = {run.name for run in self.networks}.union(self.runs, self.control_sets)
        return named.union(
            self.looks,
            self.ranges,
            self.sweeps,
            self.segmentations,
            runs,
            seeds,
            *(file.split("/") for file in files),
        )


def _module(package: str, name: str) -> str:
    return f"denoisekit.{package}.{name.replace('-', '_')}"
