"""Check a study's config: closed keys, known names, and references that lead somewhere.

A mistake is one sentence that names the place, the rule, what was found and what is allowed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from denoisekit import plugins
from denoisekit.errors import InputError
from denoisekit.images.voxels import Psf, check_patch, step_of
from denoisekit.schemas import check_schema, meant
from denoisekit.study import labelled, outside
from denoisekit.study.runs import BEST_FILTER

#: Architectures that take frames of a movie as channels.
SEVERAL_CHANNELS = ("nafnet", "unet")
#: Structures that are drawn of one sample, so that data sets of them may be its channels.
OF_ONE_SAMPLE = {"tissue-membranes", "tissue-nuclei"}
_VOLUME_AXES = 3
_PLANAR_FILTERS = ("pretrained", "zs-n2n")
_SPARSE_FILTERS = ("noisy", "cubic", "richardson-lucy")
# Data sets that are made of other ones.
_DERIVED = {"thin", "sparse", "target"}
_OF_SPARSE = {"sparse", "pixel_size_um", "z_spacing_um", "accept_pairs"}
_OF_THINNED = {"thin", "pixel_size_um", "z_spacing_um", "accept_pairs"}
_OF_SHEETS = {
    *("pixel_size_um", "z_spacing_um", "target", "pairs", "folder", "simulate"),
    *("accept_pairs", "channel", "scene", "repair", "as_patches"),
}
_SAME_SIZE = 0.01
# Of a pixel or between planes: a tenfold smaller image than the sample, binned, has less.
_MOST_UM = 50
# Structures that are simulated beside a sharper truth.
_SHARP_STRUCTURES = ("granules", "lines", "tubules")


def check(
    config: Mapping[str, Any], *, schemas: Mapping[str, Mapping[str, Any]], file: str
) -> None:
    """Raise InputError unless a config is a study that can be planned.

    Parameters
    ----------
    config
        What the YAML file holds.
    schemas
        JSON schemas by file name, ``study.schema.yaml`` among them.
    file
        What to call the config in an error.
    """
    schemas = plugins.extended(schemas)
    check_schema(config, schema="study.schema.yaml", schemas=schemas, file=file)
    _check_plugins(config, file)
    _check_references(config, file)
    outside.check(config, file=file)
    _check_averaged(config, file)
    _check_thinned(config, file)
    _check_sparse(config, file)
    _check_sheets(config, file)
    _check_sharp(config, file)
    _check_deconvolution(config, file)
    _check_bands(config, file)
    _check_pixel_sizes(config, file)
    _check_units(config, file)
    _check_volumes(config, file)
    _check_segmentation(config, file)
    _check_sizes(config, file)


def _check_plugins(config: Mapping[str, Any], file: str) -> None:
    """Check the options of plug-ins by their own schemas."""
    for name, method in config["methods"].items():
        for group, key in (("filters", "filter"), ("losses", "loss")):
            plugin = plugins.find(group).get(method.get(key, ""))
            if plugin:
                _check_options(plugin, method.get("options", {}), f"{file}: methods.{name}")
    for name, network in config["networks"].items():
        plugin = plugins.find("networks").get(network["architecture"])
        if plugin:
            options = {key: value for key, value in network.items() if key != "architecture"}
            _check_options(plugin, options, f"{file}: networks.{name}")


def _check_options(plugin: plugins.Plugin, options: Mapping[str, Any], place: str) -> None:
    dialect = "https://json-schema.org/draft/2020-12/schema"
    schema = {"$schema": dialect, "properties": {"options": plugin.options_schema}}
    check_schema({"options": options}, schema="", schemas={"": schema}, file=place)


def _check_references(config: Mapping[str, Any], file: str) -> None:
    for kind in ("train_sets", "test_sets"):
        for name, entry in config[kind].items():
            _known(entry["dataset"], config["datasets"], f"{file}: {kind}.{name}.dataset")
    for name, entry in config["experiments"].items():
        place = f"{file}: experiments.{name}"
        _known(entry["train_set"], config["train_sets"], f"{place}.train_set")
        _known(entry["test_set"], config["test_sets"], f"{place}.test_set")
        for method in entry.get("methods", ()):
            _known(method, config["methods"], f"{place}.methods")
    _check_methods(config, file)
    _check_frames(config, file)
    _check_beside(config, file)
    _check_channels(config, file)
    _check_noise_models(config, file)
    _check_train_sets(config, file)
    _check_as_patches(config, file)
    _check_looks(config, file)
    _check_controls(config, file)
    _check_dose(config, file)
    _check_regimes(config, file)
    _check_statistics(config, f"{file}: statistics")


def _check_statistics(config: Mapping[str, Any], place: str) -> None:
    first, *others = config["statistics"]["references"]
    _known(first, config["methods"], f"{place}.references, the first of which is a method,")
    for name in others:
        _known(name, [*config["methods"], BEST_FILTER], f"{place}.references")
    for name, entry in config["experiments"].items():
        if "methods" not in entry:
            continue
        missing = [
            reference
            for reference in (first, *others)
            if not _takes_part(reference, entry["methods"], config)
        ]
        if missing:
            raise InputError(
                f"{place}.references names {missing[0]!r}, which the experiment {name!r} leaves "
                "out; add what is compared with to its 'methods'."
            )
    _check_best_filter(config, others, place)
    family = config["statistics"]["family"]
    for kind in ("experiments", "methods", "conventions"):
        for name in () if isinstance(family[kind], str) else family[kind]:
            _known(name, config[kind], f"{place}.family.{kind}")
    for name in family.get("references", ()):
        _known(name, [first, *others], f"{place}.family.references")


def _takes_part(reference: str, methods: Sequence[str], config: Mapping[str, Any]) -> bool:
    if reference != BEST_FILTER:
        return reference in methods
    return any("filter" in config["methods"][name] for name in methods if name != "noisy")


def _check_best_filter(config: Mapping[str, Any], references: Sequence[str], place: str) -> None:
    if BEST_FILTER in config["methods"]:
        raise InputError(
            f"{place}: the name {BEST_FILTER!r} stands for the best of all filters, so no method "
            "can be called that; choose another name."
        )
    filters = [name for name, method in config["methods"].items() if "filter" in method]
    if BEST_FILTER in references and filters == ["noisy"]:
        raise InputError(
            f"{place}.references names {BEST_FILTER!r}, but the study has no filter besides "
            "'noisy', which changes nothing; add one to 'methods', or leave it out."
        )


def _check_methods(config: Mapping[str, Any], file: str) -> None:
    for name, method in config["methods"].items():
        place = f"{file}: methods.{name}"
        if "network" in method:
            _known(method["network"], config["networks"], f"{place}.network")
            _check_outputs(config["networks"][method["network"]], method, place)
        if "noise_model" in method:
            _known(method["noise_model"], config.get("noise_models", {}), f"{place}.noise_model")
        if "of" in method:
            _check_of(method, config, f"{place}.of")
        if "ensemble" in method:
            _check_ensemble(method["ensemble"], config, f"{place}.ensemble")


def _check_of(method: Mapping[str, Any], config: Mapping[str, Any], place: str) -> None:
    if method["estimate"] == "projected":
        kind, of = "method that makes planes of stacks", _projecting(config)
    else:
        kind = "method with the loss 'pn2v'"
        of = [n for n, m in config["methods"].items() if m.get("loss") == "pn2v"]
    _known(method["of"], of, place, kind=kind)


def _projecting(config: Mapping[str, Any]) -> list[str]:
    """Return the methods that train a network which makes planes of stacks."""
    found = {n: m["network"] for n, m in config["methods"].items() if "network" in m}
    return [
        n
        for n, network in found.items()
        if config["networks"].get(network, {}).get("architecture") == "projection-unet"
    ]


def _check_ensemble(entry: Mapping[str, Any], config: Mapping[str, Any], place: str) -> None:
    _known(entry["of"], config["methods"], f"{place}.of")
    plain = [n for n, m in config["methods"].items() if "network" in m and m["loss"] != "pn2v"]
    if entry["of"] not in plain:
        raise InputError(
            f"{place}.of is {entry['of']!r}, but an ensemble is of a method that trains a network, "
            "and not one of PN2V, whose outputs are samples; the study has "
            f"{', '.join(plain) or 'none'}."
        )
    members, seeds = entry.get("members", config["seeds"]), config["seeds"]
    untrained = [seed for seed in members if seed not in seeds]
    if untrained:
        raise InputError(
            f"{place}.members names the seed {untrained[0]}, with which no network is trained; "
            f"the study's 'seeds' are {', '.join(map(str, seeds))}: add it there or to its "
            "'more_seeds', or leave it out."
        )
    more = entry.get("more_seeds", ())
    known = [seed for seed in more if seed in seeds]
    if known:
        raise InputError(
            f"{place}.more_seeds names the seed {known[0]}, which is among the study's 'seeds': "
            "name it among the members, or leave it out."
        )
    if len(members) + len(more) < 2:
        raise InputError(
            f"{place} has {len(members) or 'no'} member{'s' if not members else ''}, but an "
            "ensemble is of two networks at least; add seeds to the study's 'seeds'"
            f"{' and to its members' if 'members' in entry else ''}, or to its 'more_seeds'."
        )


def _check_outputs(network: Mapping[str, Any], method: Mapping[str, Any], place: str) -> None:
    outputs, samples = network.get("outputs", 1), method["loss"] == "pn2v"
    if (outputs > 1) != samples:
        needed = "several outputs, samples of a prior" if samples else "one output"
        raise InputError(
            f"{place} is trained by the loss {method['loss']!r}, which takes a network of {needed},"
            f" but {method['network']!r} has {outputs}; set its 'outputs', or name another network."
        )


def _check_noise_models(config: Mapping[str, Any], file: str) -> None:
    for name, entry in config.get("noise_models", {}).items():
        place = f"{file}: noise_models.{name}"
        low, high = entry["values"]
        if low >= high:
            raise InputError(
                f"{place}.values must be the lowest and then the highest value, but are {low:g} "
                f"and {high:g}."
            )
        if "method" in entry:
            plain = [
                n
                for n, m in config["methods"].items()
                if m.get("objective") == "noise2void" and "noise_model" not in m
            ]
            _known(entry["method"], plain, f"{place}.method", kind="Noise2Void method")
        for train_set, datasets in entry.get("datasets", {}).items():
            _known(train_set, config["train_sets"], f"{place}.datasets")
            for dataset in datasets:
                where = f"{place}.datasets.{train_set}"
                _known(dataset, config["datasets"], where)
                folder = config["datasets"][dataset].get("folder", {"high"})
                if entry["origin"] == "pairs" and "high" not in folder:
                    raise InputError(
                        f"{where} names {dataset!r}, whose folder names no high exposures, but "
                        "this noise model is learned from pairs; add the key 'high'."
                    )


def _check_frames(config: Mapping[str, Any], file: str) -> None:
    """Raise InputError if a network cannot look at several frames; tables tell movies later."""
    for name, method in config["methods"].items():
        if "frames" not in method:
            continue
        place, objective = f"{file}: methods.{name}.frames", method["objective"]
        if objective == "noise2noise":
            raise InputError(
                f"{place} is {method['frames']}, but 'noise2noise' is for single images; "
                "take 'neighbours', which learns each frame from those around it."
            )
        by_itself = method.get("normalization", "percentiles") == "percentiles"
        if objective == "supervised" and by_itself:
            raise InputError(
                f"{place} is {method['frames']}, but with the normalization 'percentiles' each "
                "image is taken by itself; use 'photons' or 'mean-std', which take all alike."
            )
        network = config["networks"][method["network"]]
        if network["architecture"] not in SEVERAL_CHANNELS:
            raise InputError(
                f"{place} is {method['frames']}, but {method['network']!r} is a network of single "
                f"images ({network['architecture']}); take one of {', '.join(SEVERAL_CHANNELS)}."
            )
        for kind in ("train_sets", "test_sets"):
            for entry in config[kind].values():
                _check_movies(config["datasets"][entry["dataset"]], entry["dataset"], place)


def _check_beside(config: Mapping[str, Any], file: str) -> None:
    """Raise InputError if data sets cannot be the channels of one sample."""
    datasets = config["datasets"]
    for name, entry in config["train_sets"].items():
        own, place = entry["dataset"], f"{file}: train_sets.{name}.beside"
        for other in entry.get("beside", ()):
            _known(other, datasets, place)
            if other == own:
                raise InputError(
                    f"{place} names {other!r}, which is the train set's own data set; name the "
                    "data sets of the other channels."
                )
            for made in (own, other):
                if datasets[made].keys() & {"sparse", "target"}:
                    raise InputError(
                        f"{place} is of {made!r}, of whose stacks planes are left out, or which "
                        "become planes; channels are of images as they are: leave it out."
                    )
            for key in ("pixel_size_um", "z_spacing_um"):
                mine, its = datasets[own].get(key), datasets[other].get(key)
                if mine != its:
                    raise InputError(
                        f"{place} names {other!r}, whose {key} is {its}, but that of {own!r} is "
                        f"{mine}; channels of one sample have the same."
                    )
            _check_one_sample(datasets, own, other, place)
    used = {m.get("channels") for m in config["methods"].values()}
    unused = [n for n, e in config["train_sets"].items() if "beside" in e and n not in used]
    if unused:
        raise InputError(
            f"{file}: train_sets.{unused[0]} has data sets 'beside' its own, but no method has "
            f"'channels: {unused[0]}', so that they decide nothing; add one, or leave them out."
        )


def _check_one_sample(datasets: Mapping[str, Any], own: str, other: str, place: str) -> None:
    """Raise InputError if data sets that are simulated do not show one sample."""
    if ("simulate" in datasets[own]) != ("simulate" in datasets[other]):
        raise InputError(
            f"{place} names {other!r}, but of it and {own!r} one is simulated and one is not; "
            "channels are of one sample."
        )
    if "simulate" not in datasets[own]:
        return
    mine, its = datasets[own]["simulate"], datasets[other]["simulate"]
    fixed = ("seed", "size", "shape", "train_images", "test_images", "movie_frames")
    for key in (*fixed, "train_movies", "max_shift_px"):
        if mine.get(key) != its.get(key):
            raise InputError(
                f"{place} names {other!r}, whose simulate.{key} is {its.get(key)}, but that of "
                f"{own!r} is {mine.get(key)}; the channels of one sample have the same."
            )
    shown = {mine["structure"], its["structure"]}
    if not shown <= OF_ONE_SAMPLE or "z_spacing_um" in datasets[own] or mine["movie_frames"]:
        raise InputError(
            f"{place} names {other!r}, which shows {its['structure']!r}, but {own!r} shows "
            f"{mine['structure']!r}: these are not of one sample. Still planes of "
            "'tissue-nuclei' and 'tissue-membranes' are, of one seed; simulate these."
        )


def _check_channels(config: Mapping[str, Any], file: str) -> None:
    """Raise InputError if a network cannot restore channels jointly."""
    for name, method in config["methods"].items():
        if "channels" not in method:
            continue
        place, train_set = f"{file}: methods.{name}.channels", method["channels"]
        several = [one for one, entry in config["train_sets"].items() if "beside" in entry]
        _known(train_set, several, place, kind="train set with data sets 'beside' its own")
        network = config["networks"][method["network"]]
        if network["architecture"] not in SEVERAL_CHANNELS:
            raise InputError(
                f"{place} is {train_set!r}, but {method['network']!r} is a network of single "
                f"images ({network['architecture']}); take one of {', '.join(SEVERAL_CHANNELS)}."
            )
        plain = {"objective": "supervised", "normalization": "percentiles"}
        odd = [key for key, value in plain.items() if method.get(key, value) != value]
        odd += [key for key in ("frames", "dims") if key in method]
        odd += ["loss"] if method["loss"] == "adversarial" else []
        if odd:
            raise InputError(
                f"{file}: methods.{name}.{odd[0]} is {method[odd[0]]!r}, but networks of several "
                "channels learn by 'supervised' from 'percentiles', each channel by its own, and "
                "not by 'adversarial'; change it."
            )
        if config["prediction"].get("units") == "truth":
            raise InputError(
                f"{file}: prediction.units is 'truth', but the method {name!r} restores each "
                "channel in its own units; leave it out, or the method."
            )
        entry = config["train_sets"][train_set]
        channels = [entry["dataset"], *entry["beside"]]
        for experiment, of in config["experiments"].items():
            tested = config["test_sets"][of["test_set"]]["dataset"]
            if name not in of.get("methods", config["methods"]):
                continue
            own = config["train_sets"][of["train_set"]]["dataset"]
            if tested in channels and own != tested:
                raise InputError(
                    f"{file}: experiments.{experiment} learns from images of {own!r} and tests on "
                    f"those of {tested!r}, but beside the method {name!r}, which saw both, stand "
                    f"networks of that channel alone; name a train set of {tested!r}, or leave the "
                    "method out of its 'methods'."
                )
            if tested not in channels:
                raise InputError(
                    f"{file}: experiments.{experiment} tests the method {name!r} on images of "
                    f"{tested!r}, which is none of its channels ({', '.join(channels)}); leave "
                    "the method out of its 'methods'."
                )


def _check_movies(dataset: Mapping[str, Any], name: str, place: str) -> None:
    """Raise InputError if a data set's own settings say that it is no movie."""
    pages = dataset.get("folder", {}).get("pages", "movie")
    if pages != "movie":
        raise InputError(
            f"{place} needs movies, but datasets.{name}.folder.pages is {pages!r}; leave the "
            "method or the data set out."
        )
    if "simulate" in dataset and not dataset["simulate"].get("movie_frames"):
        raise InputError(
            f"{place} needs movies, but datasets.{name}.simulate.movie_frames is 0; simulate one, "
            "or leave the method out."
        )


def _check_train_sets(config: Mapping[str, Any], file: str) -> None:
    """Raise InputError if a network would see a truth that it must not, or one that is not there.

    Which rows have one is told by their tables later; a folder tells it here.
    """
    for name, entry in config["train_sets"].items():
        place = f"{file}: train_sets.{name}"
        objectives = {n: config["methods"][n]["objective"] for n in _learning_from(config, name)}
        paired = [n for n, one in objectives.items() if one in ("supervised", "noise2noise")]
        if not paired:
            continue
        if entry.get("split") == "test":
            raise InputError(
                f"{place}.split is 'test', but the method {paired[0]!r} learns from pairs and must "
                "not be trained on what it is tested on; leave the method or the key out."
            )
        simulation = config["datasets"][entry["dataset"]].get("simulate", {"train_images": 1})
        if not simulation["train_images"] + simulation.get("train_movies", 0):
            raise InputError(
                f"{place}.dataset is {entry['dataset']!r}, which simulates nothing to train on; "
                "give it train_images or train_movies."
            )
        folder = config["datasets"][entry["dataset"]].get("folder")
        if folder and "high" not in folder:
            raise InputError(
                f"{place}.dataset is {entry['dataset']!r}, whose folder names no high exposures, "
                f"but the method {paired[0]!r} learns from pairs; add the key 'high'."
            )
    for model, entry in config.get("noise_models", {}).items():
        for name, train_set in config["train_sets"].items():
            own = name not in entry.get("datasets", {})
            if entry["origin"] == "pairs" and own and train_set.get("split") == "test":
                raise InputError(
                    f"{file}: noise_models.{model} would learn from the truths that "
                    f"train_sets.{name} is tested by; name other data sets under "
                    f"noise_models.{model}.datasets.{name}."
                )


def _check_as_patches(config: Mapping[str, Any], file: str) -> None:
    """Check that patches that are normalised already are trained on as CARE does, and only that."""
    datasets = {name for name, entry in config["datasets"].items() if "as_patches" in entry}
    for name, entry in config["datasets"].items():
        of = entry.get("thin", entry.get("sparse", {})).get("of")
        if of in datasets:
            raise InputError(
                f"{file}: datasets.{name} is made of {of!r}, whose images are patches that are "
                "normalised already ('as_patches'); name images in counts."
            )
    for name, entry in config["test_sets"].items():
        if entry["dataset"] in datasets:
            raise InputError(
                f"{file}: test_sets.{name}.dataset is {entry['dataset']!r}, whose images are "
                "patches that are normalised already ('as_patches'); test on whole images."
            )
    for name, entry in config["train_sets"].items():
        if not datasets & {entry["dataset"], *entry.get("beside", ())}:
            continue
        for method in _learning_from(config, name):
            settings = config["methods"][method]
            plain = {"objective": "supervised", "normalization": "percentiles"}
            unlike = [key for key, value in plain.items() if settings.get(key, value) != value]
            unlike += settings.keys() & {"frames", "channels", "noise_model"}
            if unlike:
                raise InputError(
                    f"{file}: methods.{method}.{unlike[0]} is {settings[unlike[0]]!r}, but "
                    f"train_sets.{name} is of patches that are normalised by percentiles already "
                    "('as_patches'); leave the key or the method out."
                )


def _learning_from(config: Mapping[str, Any], train_set: str) -> list[str]:
    """Return the methods whose networks some experiment trains on a train set."""
    methods = config["methods"]
    used = {
        _trained(config, name)
        for entry in config["experiments"].values()
        for name in entry.get("methods", methods)
        if methods[_trained(config, name)].get("channels", entry["train_set"]) == train_set
    }
    return [name for name, method in methods.items() if name in used and "network" in method]


def _trained(config: Mapping[str, Any], method: str) -> str:
    """Return the method whose networks a method restores with; any other method is its own."""
    entry = config["methods"][method]
    of: str = entry.get("ensemble", entry).get("of", method)
    return of


def _check_controls(config: Mapping[str, Any], file: str) -> None:
    if "controls" not in config:
        return
    for name in config["controls"]["test_sets"]:
        _restored(name, config, f"{file}: controls.test_sets")
    several = [name for name, entry in config["methods"].items() if entry.get("frames", 1) > 1]
    if several:
        raise InputError(
            f"{file}: controls are single images, but methods.{several[0]} looks at "
            f"{config['methods'][several[0]]['frames']} frames; leave out 'controls', or put that "
            "method into a study of its own."
        )


def _check_segmentation(config: Mapping[str, Any], file: str) -> None:
    """Raise InputError if objects are to be found that no labels tell, or settings would cheat."""
    datasets = config["datasets"]
    for name, entry in datasets.items():
        if "labels" in entry:
            labelled.check(entry["labels"], where=f"{file}: datasets.{name}.labels")
    for name, entry in config.get("segmentation", {}).items():
        place, chosen = f"{file}: segmentation.{name}", entry["chosen_on"]
        for test_set in entry["test_sets"]:
            _restored(test_set, config, f"{place}.test_sets")
        _known(chosen["dataset"], datasets, f"{place}.chosen_on.dataset")
        tested = [config["test_sets"][test_set]["dataset"] for test_set in entry["test_sets"]]
        for dataset in (*tested, chosen["dataset"]):
            _check_labelled(config, dataset, place)
        _check_chosen_on(config, chosen, tested, f"{place}.chosen_on")
        filters = [n for n, m in config["methods"].items() if m.get("filter", "noisy") != "noisy"]
        if not filters:
            raise InputError(
                f"{place} compares what methods are worth with the best filter, but the study has "
                "no filter besides 'noisy', which changes nothing; add one to 'methods'."
            )


def _restored(test_set: str, config: Mapping[str, Any], place: str) -> None:
    """Raise InputError unless some experiment restores a test set."""
    _known(test_set, config["test_sets"], place)
    if all(entry["test_set"] != test_set for entry in config["experiments"].values()):
        raise InputError(
            f"{place} names {test_set!r}, which no experiment restores, so that there is nothing "
            "to look at; leave it out there, or add an experiment."
        )


def _check_labelled(config: Mapping[str, Any], name: str, place: str) -> None:
    datasets = config["datasets"]
    sparse = datasets[name].get("sparse", {"beside": "truth"})
    if sparse["beside"] != "truth":
        raise InputError(
            f"{place} finds objects in {name!r}, but planes that were left out are not whole "
            "stacks; say 'beside: truth', or leave it out."
        )
    entry = datasets[_made_of(datasets[name], name)]
    if "labels" not in entry and not ("simulate" in entry and "z_spacing_um" in entry):
        raise InputError(
            f"{place} needs labels of {name!r}, but the data set has none; give it 'labels', a "
            "pattern such as labels/{image}.tif, or leave it out. (Only volumes and sheets are "
            "simulated with labels.)"
        )
    if "outside" in entry:
        raise InputError(
            f"{place} finds objects in images of {name!r}, some of whose pixels are outside of the "
            "field ('outside') and would be taken for dark ones; crop them away, or leave it out."
        )


def _made_of(entry: Mapping[str, Any], name: str) -> str:
    """Return the data set that one is made of, whose objects it shows, or itself."""
    return str((entry.get("thin") or entry.get("sparse") or {"of": name})["of"])


def _check_chosen_on(
    config: Mapping[str, Any], chosen: Mapping[str, Any], tested: Sequence[str], place: str
) -> None:
    datasets = config["datasets"]
    name, scene = chosen["dataset"], datasets[chosen["dataset"]]
    shown = {_made_of(datasets[other], other) for other in tested}
    if chosen["split"] == "test" and _made_of(scene, name) in shown:
        raise InputError(
            f"{place} says to choose settings on the images of {name!r} to test on, which are "
            "tested by them; say 'split: train', or name another data set."
        )
    if chosen["exposure"] == "high" and "high" not in scene.get("folder", {"high"}):
        raise InputError(
            f"{place}.exposure is 'high', but the folder of {name!r} names no high exposures; say "
            "'low', or add the key 'high'."
        )
    if len({"z_spacing_um" in datasets[other] for other in (name, *tested)}) > 1:
        raise InputError(
            f"{place}.dataset is {name!r}, but of it and of what is tested one has volumes and one "
            "planes; choose settings on images of the same kind."
        )


def _check_looks(config: Mapping[str, Any], file: str) -> None:
    for name, entry in config.get("looks", {}).items():
        for kind in ("simulated", "measured"):
            place = f"{file}: looks.{name}.{kind}"
            _known(entry[kind], config["datasets"], place)
            dataset = config["datasets"][entry[kind]]
            if ("simulate" in dataset) != (kind == "simulated"):
                found = "simulated" if "simulate" in dataset else "measured"
                raise InputError(
                    f"{place} must be a {kind} data set, but {entry[kind]!r} is {found}."
                )
            sharp = dataset.get("target") == "sharp"
            if not sharp and "high" not in dataset.get("folder", {"high"}):
                raise InputError(
                    f"{place} is {entry[kind]!r}, whose folder names no high exposures, but looks "
                    "are measured of pairs; add the key 'high'."
                )

        targets = [config["datasets"][name].get("target") for name in entry.values()]
        if (targets[0] == "sharp") != (targets[1] == "sharp"):
            raise InputError(
                f"{file}: looks.{name} sets {entry['simulated']!r} beside {entry['measured']!r}, "
                "of which only one has a truth that is sharper than its images ('target: sharp'); "
                "name two of one kind."
            )


def _check_regimes(config: Mapping[str, Any], file: str) -> None:
    taken: dict[tuple[str, ...], str] = {}
    for name, entry in config.get("published_regimes", {}).get("experiments", {}).items():
        place = f"{file}: published_regimes.experiments"
        _known(name, config["experiments"], place)
        other = taken.setdefault(tuple(entry), name)
        if other != name:
            raise InputError(
                f"{place}.{name} is {', '.join(entry)}, and so is {other}; give each regime of a "
                "data set one experiment."
            )


def _check_volumes(config: Mapping[str, Any], file: str) -> None:
    """Raise InputError if something of the study is not for volumes, or not for planes."""
    stacks = [name for name, entry in config["datasets"].items() if "z_spacing_um" in entry]
    volumes = [n for n in stacks if config["datasets"][n].get("target") != "plane"]
    for name in stacks:
        pages = config["datasets"][name].get("folder", {}).get("pages", "z-stack")
        if pages != "z-stack":
            raise InputError(
                f"{file}: datasets.{name} has a 'z_spacing_um', which is for volumes, but its "
                f"folder's pages are {pages!r}; say 'z-stack', or leave that key out."
            )
    for name, entry in config["experiments"].items():
        used = [
            config[kind][entry[key]]["dataset"]
            for kind, key in (("train_sets", "train_set"), ("test_sets", "test_set"))
        ]
        if len({dataset in volumes for dataset in used}) == 2:
            other, of_volumes = sorted(used, key=volumes.__contains__)
            raise InputError(
                f"{file}: experiments.{name} has images of {other!r}, which are planes, and of "
                f"{of_volumes!r}, which are volumes; a network takes one kind alone."
            )
    for name, entry in config["train_sets"].items():
        if not isinstance(entry["patch_size"], int) and entry["dataset"] not in volumes:
            raise InputError(
                f"{file}: train_sets.{name}.patch_size has {len(entry['patch_size'])} numbers, as "
                f"patches of volumes have, but how far the planes of {entry['dataset']!r} lie apart"
                f" is not known; give datasets.{entry['dataset']} a 'z_spacing_um', or one number."
            )
    _check_methods_of_volumes(config, volumes, file)


def _check_methods_of_volumes(config: Mapping[str, Any], volumes: list[str], file: str) -> None:
    tested = [entry["dataset"] for entry in config["test_sets"].values()]
    used = [name for name in volumes if name in tested]
    for name, method in config["methods"].items():
        place = f"{file}: methods.{name}"
        if "dims" in method and not used:
            raise InputError(
                f"{place}.dims says to restore volumes plane by plane, but no test set has volumes;"
                " leave it out."
            )
        planar = method.get("filter") in _PLANAR_FILTERS or not method.keys().isdisjoint(
            ("images", "model", "command")
        )
        if planar and used:
            raise InputError(
                f"{place} is for planes, but the data set {used[0]!r} has volumes; leave the method"
                " or the data set out."
            )
    for name, entry in config.get("looks", {}).items():
        for dataset in entry.values():
            if dataset in volumes:
                raise InputError(
                    f"{file}: looks.{name} names {dataset!r}, but looks are of planes, and this "
                    "data set has volumes; leave it out."
                )


def _known(name: str, defined: Iterable[str], place: str, *, kind: str = "") -> None:
    if name not in defined:
        which = f"is no {kind} of the study" if kind else "the study does not define"
        raise InputError(
            f"{place} is {name!r}, which {which}; defined are {', '.join(defined) or 'none'}"
            f"{'' if kind else meant(name, defined)}."
        )


def _check_averaged(config: Mapping[str, Any], file: str) -> None:
    """Check that a frame can be taken out of the mean that holds it: as it went in."""
    for name, entry in config["datasets"].items():
        if "averaged" not in entry:
            continue
        place, frames = f"{file}: datasets.{name}", entry["averaged"]
        if frames["low"] >= frames["high"]:
            raise InputError(
                f"{place}.averaged says that the long exposure is the mean of {frames['high']} "
                f"frames, {frames['low']} of the short one among them, so that none is left to "
                "compare with; give the numbers of frames of both."
            )
        if entry.get("register", True) or "repair" in entry:
            raise InputError(
                f"{place}.averaged takes frames out of their mean, which needs both as they were "
                "given; say 'register: false', and leave 'repair' out."
            )


def _check_dose(config: Mapping[str, Any], file: str) -> None:
    """Check that each sweep names experiments of several doses, whose score has the limit."""
    for sweep, settings in config.get("dose", {}).items():
        tested = []
        for name in settings["experiments"]:
            _known(name, config["experiments"], f"{file}: dose.{sweep}.experiments")
            tested.append(config["test_sets"][config["experiments"][name]["test_set"]]["dataset"])
        if len(set(tested)) < len(tested):
            raise InputError(
                f"{file}: dose.{sweep}.experiments tests {max(tested, key=tested.count)!r} more "
                "than once, but each is to be another dose of light; name one experiment for each."
            )


def _check_thinned(config: Mapping[str, Any], file: str) -> None:
    """Check that what is thinned is a data set of a camera's own values, as it is."""
    datasets = config["datasets"]
    for name, entry in datasets.items():
        if "thin" not in entry:
            continue
        place, of = f"{file}: datasets.{name}", entry["thin"]["of"]
        others = [other for other, known in datasets.items() if not known.keys() & _DERIVED]
        _known(of, others, f"{place}.thin.of", kind="data set as a camera gave it")
        more = sorted(entry.keys() - _OF_THINNED)
        if more:
            raise InputError(
                f"{place} is thinned, so that {more[0]!r} decides nothing of it; set it in {of!r}."
            )
        for key in ("pixel_size_um", "z_spacing_um"):
            own, source = entry.get(key, "none"), datasets[of].get(key, "none")
            if own != source:
                raise InputError(
                    f"{place}.{key} is {own}, but that of {of!r}, of which it is thinned, "
                    f"{source}; give both the same."
                )
        if "averaged" in datasets[of] and entry["thin"]["beside"] == "truth":
            raise InputError(
                f"{place}.thin.beside is 'truth', but that of {of!r} holds the image that is "
                "thinned ('averaged'); say 'rest'."
            )
        if "outside" in datasets[of]:
            raise InputError(
                f"{place}.thin.of is {of!r}, some of whose pixels are outside of the field "
                "('outside'), where there is no light to thin; choose another data set."
            )


def _check_sparse(config: Mapping[str, Any], file: str) -> None:
    """Check that planes are left out of volumes, and that methods restore what lies between."""
    datasets = config["datasets"]
    sparse = {name: entry["sparse"] for name, entry in datasets.items() if "sparse" in entry}
    for name, settings in sparse.items():
        place, of = f"{file}: datasets.{name}", settings["of"]
        if "z_spacing_um" not in datasets[name]:
            raise InputError(
                f"{place} is of stacks, but how far their planes lie apart is not known, and not "
                "guessed; give it the 'z_spacing_um' of the stacks as they are, before planes are "
                "left out."
            )
        volumes = [
            n for n, e in datasets.items() if "z_spacing_um" in e and not e.keys() & _DERIVED
        ]
        _known(of, volumes, f"{place}.sparse.of", kind="data set of volumes as a camera gave it")
        more = sorted(datasets[name].keys() - _OF_SPARSE)
        if more:
            raise InputError(
                f"{place} is made of {of!r}, so that {more[0]!r} decides nothing of it; set it in "
                f"{of!r}."
            )
        for key in ("pixel_size_um", "z_spacing_um"):
            own, source = datasets[name][key], datasets[of][key]
            if own != source:
                raise InputError(
                    f"{place}.{key} is {own:g}, but that of {of!r}, of which planes are left out, "
                    f"{source:g}; give both the same."
                )
        pixel, spacing = (datasets[name][key] for key in ("pixel_size_um", "z_spacing_um"))
        step = step_of(settings["every"] * spacing, pixel, name=f"{file}: datasets.{name}")
        if settings["beside"] == "truth" and abs(spacing / pixel - 1) > _SAME_SIZE:
            raise InputError(
                f"{place}.sparse.beside is 'truth', to which isotropic voxels are compared, but "
                f"planes of {of!r} lie {spacing:g} um apart and pixels {pixel:g} um; say "
                "'left-out', or give stacks as fine along z as across."
            )
        if isinstance(settings["psf"].get("axial_sigma_um"), (int, float)):
            missing = Psf(**settings["psf"]).missing_um / pixel
            for entry in config["train_sets"].values():
                sides = entry["patch_size"]
                if entry["dataset"] == name and not isinstance(sides, int):
                    check_patch(sides[-1], missing_px=missing, step=step, name=place)
    _check_methods_of_sparse(config, sparse, file)


def _check_methods_of_sparse(
    config: Mapping[str, Any], sparse: Mapping[str, Any], file: str
) -> None:
    for entry in config["experiments"].values():
        used = (
            config["train_sets"][entry["train_set"]]["dataset"],
            config["test_sets"][entry["test_set"]]["dataset"],
        )
        between = [name for name in used if name in sparse]
        others = [name for name in used if name not in sparse]
        for name in entry.get("methods", config["methods"]):
            place, method = f"{file}: methods.{name}", config["methods"][name]
            own = _is_of_sparse(method)
            if own and others:
                raise InputError(
                    f"{place} restores what lies between planes, but of {others[0]!r} none are "
                    "left out ('sparse'); leave the method or the data set out, or give the "
                    "experiment 'methods' without it."
                )
            if between and _deconvolves(method):
                raise InputError(
                    f"{place}.options.sigma_um is the point spread function of planes, but of "
                    f"{between[0]!r} planes are left out, which have their own ('psf'); leave it "
                    "out."
                )
            fits = own or _is_of_sparse(config["methods"][_trained(config, name)])
            if between and not (fits or method.get("filter") == "noisy"):
                raise InputError(
                    f"{place} restores images as they are, but of {between[0]!r} planes are left "
                    f"out; take a filter of {', '.join(_SPARSE_FILTERS)}, or the objective "
                    "'isotropic', or give the experiment 'methods' without it."
                )
    between = [
        entry["dataset"]
        for kind in ("train_sets", "test_sets")
        for entry in config[kind].values()
        if entry["dataset"] in sparse
    ]
    for name, entry in config["train_sets"].items():
        sides = entry["patch_size"]
        squares = not isinstance(sides, int) and sides[0] == 1 and sides[1] == sides[2]
        if entry["dataset"] in sparse and not squares:
            raise InputError(
                f"{file}: train_sets.{name}.patch_size is {sides}, but patches of sections are "
                "squares of single planes; say [1, 64, 64] or the like."
            )
    for key, value in (("turned", True), ("units", "truth")):
        if between and config["prediction"].get(key) == value:
            raise InputError(
                f"{file}: prediction.{key} is {value!r}, but sections along z are restored as they "
                "lie, in the stack's own units; leave it out."
            )
    tested = [name for name, e in config["test_sets"].items() if e["dataset"] in sparse]
    asked = config.get("controls", {"test_sets": []})["test_sets"]
    swept = [
        config["experiments"][name]["test_set"]
        for sweep in config.get("dose", {}).values()
        for name in sweep["experiments"]
    ]
    for name in tested:
        if name in asked or name in swept:
            kind = "controls" if name in asked else "dose"
            raise InputError(
                f"{file}: {kind} names {name!r}, of whose stacks planes are left out, and whose "
                "noise is not a camera's; leave it out there."
            )


def _is_of_sparse(method: Mapping[str, Any]) -> bool:
    """Say whether a method restores what lies between the planes of stacks, and nothing else."""
    own = method.get("objective") == "isotropic" or method.get("filter") in _SPARSE_FILTERS[1:]
    return own and not _deconvolves(method)


def _check_sheets(config: Mapping[str, Any], file: str) -> None:
    """Check that planes are made of stacks, and of nothing else."""
    datasets = config["datasets"]
    sheets = _with_target(config, "plane")
    for name, entry in datasets.items():
        place = f"{file}: datasets.{name}"
        simulated = entry.get("simulate", {}).get("structure") == "sheet"
        if name not in sheets and simulated:
            raise InputError(
                f"{place} simulates a sheet, whose truth is a plane; say 'target: plane', or "
                "simulate 'nuclei'."
            )
        if name not in sheets:
            continue
        if "z_spacing_um" not in entry:
            raise InputError(
                f"{place}.target is 'plane', which stacks become, but how far their planes lie "
                "apart is not known, and not guessed; give the data set a 'z_spacing_um'."
            )
        if "simulate" in entry and not simulated:
            raise InputError(
                f"{place}.target is 'plane', but {entry['simulate']['structure']!r} has no sheet; "
                "simulate a 'sheet', or leave 'target' out."
            )
        if "high" in entry.get("folder", {}):
            raise InputError(
                f"{place}.folder has 'high', but which plane goes with which stack ('target') is "
                "told by a pair table; give 'pairs', or stacks alone."
            )
        more = sorted(entry.keys() - _OF_SHEETS)
        if more:
            raise InputError(
                f"{place}.target is 'plane', and {more[0]!r} has no meaning for stacks that become "
                "one; leave it out."
            )
    _check_experiments_of_sheets(config, sheets, file)
    _check_use_of_sheets(config, sheets, file)


def _check_experiments_of_sheets(
    config: Mapping[str, Any], sheets: Sequence[str], file: str
) -> None:
    datasets, projecting = config["datasets"], _projecting(config)
    for name, entry in config["experiments"].items():
        place = f"{file}: experiments.{name}"
        train = config["train_sets"][entry["train_set"]]["dataset"]
        test = config["test_sets"][entry["test_set"]]["dataset"]
        if (train in sheets) != (test in sheets):
            other = test if train in sheets else train
            raise InputError(
                f"{place} has images of {other!r}, which become no planes, beside stacks that do "
                "('target'); take one kind alone."
            )
        if test in sheets:
            apart = [datasets[one]["z_spacing_um"] for one in (train, test)]
            if abs(apart[0] - apart[1]) > _SAME_SIZE * apart[1]:
                raise InputError(
                    f"{place} learns from stacks whose planes lie {apart[0]:g} um apart and "
                    f"restores such of {apart[1]:g} um; a network knows one spacing alone: train "
                    "on stacks of the same."
                )
        for method in entry.get("methods", config["methods"]):
            settings = config["methods"][method]
            projects = settings.get("filter") == "projection" or method in projecting
            if projects and test not in sheets:
                raise InputError(
                    f"{file}: methods.{method} makes planes of stacks, but the images of {test!r} "
                    "become none; give that data set 'target: plane', or leave the method out."
                )
            known = settings.get("options", {}).get("how") == "known-surface"
            if projects and known and "simulate" not in datasets[test]:
                raise InputError(
                    f"{file}: methods.{method} projects along the true surface, which is known of "
                    f"simulated stacks alone, not of {test!r}; say 'how: surface'."
                )
            plain = {
                "objective": "supervised",
                "normalization": "percentiles",
            }
            odd = [key for key, value in plain.items() if settings.get(key, value) != value]
            odd += [key for key in ("frames", "dims") if key in settings]
            odd += ["loss"] if method in projecting and settings["loss"] == "laplace" else []
            if test in sheets and "network" in settings and odd:
                raise InputError(
                    f"{file}: methods.{method}.{odd[0]} is {settings[odd[0]]!r}, but networks of "
                    "stacks that become planes learn by 'supervised' from 'percentiles', and those "
                    "that project by a loss without a scale, such as 'mae'; change it."
                )


def _check_use_of_sheets(config: Mapping[str, Any], sheets: Sequence[str], file: str) -> None:
    """Check that nothing is asked of projected stacks that takes them for a camera's planes."""
    tests = [name for name, e in config["test_sets"].items() if e["dataset"] in sheets]
    for name, entry in config["train_sets"].items():
        if entry["dataset"] in sheets and not isinstance(entry["patch_size"], int):
            raise InputError(
                f"{file}: train_sets.{name}.patch_size is {entry['patch_size']}, but patches of "
                "stacks that become planes are whole along z; say one number, of y and x."
            )
    for key, value in (("turned", True), ("units", "truth")):
        if tests and config["prediction"].get(key) == value:
            raise InputError(
                f"{file}: prediction.{key} is {value!r}, but stacks become planes as they lie, in "
                "their own units; leave it out."
            )
    asked = {"controls": config.get("controls", {"test_sets": []})["test_sets"]}
    asked["dose"] = [
        config["experiments"][name]["test_set"]
        for sweep in config.get("dose", {}).values()
        for name in sweep["experiments"]
    ]
    for kind, named in asked.items():
        for name in named:
            if name in tests:
                raise InputError(
                    f"{file}: {kind} names {name!r}, whose stacks become planes ('target'), which "
                    "it is not made for; leave it out there."
                )
    for name, entry in config.get("looks", {}).items():
        for dataset in entry.values():
            if dataset in sheets:
                raise InputError(
                    f"{file}: looks.{name} names {dataset!r}, whose stacks become planes; leave it "
                    "out."
                )


def _check_sharp(config: Mapping[str, Any], file: str) -> None:
    """Check that images beside a sharper truth are planes, and that networks know their scale."""
    datasets, sharp = config["datasets"], _with_target(config, "sharp")
    for name, entry in datasets.items():
        place, structure = f"{file}: datasets.{name}", entry.get("simulate", {}).get("structure")
        if structure in _SHARP_STRUCTURES and name not in sharp:
            raise InputError(
                f"{place} simulates {structure}, whose truth is sharper than the image; say "
                "'target: sharp'."
            )
        if name not in sharp:
            continue
        if "simulate" in entry and structure not in _SHARP_STRUCTURES:
            raise InputError(
                f"{place}.target is 'sharp', but {structure!r} has no truth that is sharper than "
                f"its images; simulate one of {', '.join(_SHARP_STRUCTURES)}, or leave it out."
            )
        odd = [key for key in ("z_spacing_um", "averaged") if key in entry]
        if odd:
            raise InputError(
                f"{place}.target is 'sharp', which is of planes beside a truth of another "
                f"microscope, and {odd[0]!r} has no meaning for them; leave it out."
            )
    _check_experiments_of_sharp(config, sharp, file)


def _check_deconvolution(config: Mapping[str, Any], file: str) -> None:
    """Check the options of methods that deconvolve."""
    for name, method in config["methods"].items():
        if method.get("filter") != "richardson-lucy":
            continue
        options = method["options"]
        iterations = options["iterations"]
        if isinstance(iterations, str) and not (iterations == "auto" and "sigma_um" in options):
            raise InputError(
                f"{file}: methods.{name}.options.iterations must be a whole number from 1 on, or, "
                f"beside 'sigma_um', 'auto', but is {iterations!r}."
            )


def _check_bands(config: Mapping[str, Any], file: str) -> None:
    """Check that a band that a loss lets pass has a lower and an upper end."""
    for name, method in config["methods"].items():
        options = method.get("options", {})
        if method.get("loss") not in ("bandpass", "fft-bandpass"):
            continue
        if not options["low_sigma"] < options["high_sigma"]:
            raise InputError(
                f"{file}: methods.{name}.options.low_sigma is {options['low_sigma']}, but must be "
                f"below high_sigma, {options['high_sigma']}; what lies between them is compared."
            )


def _check_pixel_sizes(config: Mapping[str, Any], file: str) -> None:
    """Check that sizes in micrometres are not those in nanometres."""
    for name, entry in config["datasets"].items():
        for key in ("pixel_size_um", "z_spacing_um"):
            found = entry.get(key, 0)
            if found > _MOST_UM:
                raise InputError(
                    f"{file}: datasets.{name}.{key} is {found}, in micrometres, which is more than "
                    f"any microscope's ({_MOST_UM}); if it is in nanometres, write {found / 1000}."
                )


def _deconvolves(method: Mapping[str, Any]) -> bool:
    """Say whether a method deconvolves planes as they are."""
    return method.get("filter") == "richardson-lucy" and "sigma_um" in method.get("options", {})


def _check_experiments_of_sharp(config: Mapping[str, Any], sharp: Sequence[str], file: str) -> None:
    datasets = config["datasets"]
    for name, entry in config["experiments"].items():
        place = f"{file}: experiments.{name}"
        train = config["train_sets"][entry["train_set"]]["dataset"]
        test = config["test_sets"][entry["test_set"]]["dataset"]
        if (train in sharp) != (test in sharp):
            other = test if train in sharp else train
            raise InputError(
                f"{place} has images of {other!r}, whose truth is as sharp as they are, beside "
                "such of a sharper one ('target: sharp'); take one kind alone."
            )
        methods = entry.get("methods", config["methods"])
        sharpening = [one for one in methods if _deconvolves(config["methods"][one])]
        if test not in sharp and sharpening:
            raise InputError(
                f"{file}: methods.{sharpening[0]} makes images sharper, but the truth of {test!r} "
                "is as sharp as they are; give that data set 'target: sharp' if it is sharper, or "
                "leave the method out."
            )
        if test not in sharp:
            continue
        sizes = [datasets[one]["pixel_size_um"] for one in (train, test)]
        if abs(sizes[0] - sizes[1]) > _SAME_SIZE * sizes[1]:
            raise InputError(
                f"{place} learns from pixels of {sizes[0]:g} um and restores such of "
                f"{sizes[1]:g} um, but a network sharpens by pixels; train on the same size."
            )
        for method in methods:
            if config["methods"][method].get("objective") == "noise2noise":
                raise InputError(
                    f"{file}: methods.{method}.objective is 'noise2noise', which takes both images "
                    f"of a pair as alike, but the truth of {train!r} is sharper; leave it out."
                )


def _with_target(config: Mapping[str, Any], target: str) -> list[str]:
    return [n for n, entry in config["datasets"].items() if entry.get("target") == target]


def _check_units(config: Mapping[str, Any], file: str) -> None:
    for name, method in config["methods"].items():
        place, normalization = f"{file}: methods.{name}", method.get("normalization")
        objective = method.get("objective", "supervised")
        if objective == "noise2noise" and normalization == "percentiles":
            raise InputError(
                f"{place}.normalization is 'percentiles', but of noisy images alone, each taken by "
                "itself, no network can learn the brightness; use 'mean-std' or 'photons'."
            )
        if "match_truth" in method and (objective, normalization) != ("supervised", "mean-std"):
            raise InputError(
                f"{place}.match_truth is only for the objective 'supervised' with the "
                "normalization 'mean-std'; leave it out."
            )
        blind = objective != "supervised" or method.get("noise_model")
        if config["prediction"].get("units") == "truth" and blind:
            raise InputError(
                f"{file}: prediction.units is 'truth', but the method {name!r} sees none; leave "
                "it out, or the method."
            )


def _check_sizes(config: Mapping[str, Any], file: str) -> None:
    for name, train_set in config["train_sets"].items():
        place, size = f"{file}: train_sets.{name}.patch_size", train_set["patch_size"]
        deepest, along_z = _depths(config, name)
        sides = [size] if isinstance(size, int) else size
        for number, side in enumerate(sides):
            halved = along_z if len(sides) == _VOLUME_AXES and number == 0 else deepest
            if side is not None and side % 2**halved:
                raise InputError(
                    f"{place} must be a multiple of {2**halved}, since the network halves it "
                    f"{halved} times, but is {side}."
                )
        dataset = config["datasets"][train_set["dataset"]]
        if "simulate" in dataset:
            simulation = dataset["simulate"]
            shape = simulation.get("shape", [simulation.get("size")])
            of_planes = dataset.get("target") == "plane"
            _check_holds_patch(shape[1:] if of_planes else shape, sides, place)
    low, high = config["prediction"]["percentiles"]
    if low >= high:
        raise InputError(
            f"{file}: prediction.percentiles must be the lower and then the higher one, but are "
            f"{low:g} and {high:g}."
        )


def _depths(config: Mapping[str, Any], train_set: str) -> tuple[int, int]:
    """Return how often networks halve a train set's patches in planes, and along z, at most."""
    deepest, along_z = [0], [0]
    for name in _learning_from(config, train_set):
        method = config["methods"][name]
        network = config["networks"][method["network"]]
        depth = network.get("depth", 0)
        deepest.append(max(depth, network.get("projection_depth", 0)))
        if "dims" not in method and method["objective"] != "isotropic":
            along_z.append(depth)
    return max(deepest), max(along_z)


def _check_holds_patch(shape: Sequence[int], sides: Sequence[int | None], place: str) -> None:
    if len(sides) < len(shape):
        sides = [*sides] * len(shape)
    if any(side is not None and length < side for length, side in zip(shape, sides, strict=True)):
        told = " x ".join(map(str, dict.fromkeys(side for side in sides if side is not None)))
        raise InputError(
            f"{place} is {told}, larger than the simulated images of "
            f"{' x '.join(map(str, shape))} px."
        )
