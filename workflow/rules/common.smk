"""Check the study, name its parts, and answer what the stages ask: functions only.

A *run* is one way of restoring a test set: a filter's method name (`tv`), or
`<train_set>.<method>.seed<k>` for a trained network.
"""

import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import yaml
from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.basedir)
LIBRARY = ROOT / "src" / "denoisekit"
SCRIPTS = ROOT / "workflow" / "scripts"

# Scripts find the library by this line, in any environment and on any node.
sys.path.insert(0, str(ROOT / "src"))

from denoisekit import fingerprint, folders, io, pairs, provenance, published, sources, study
from denoisekit._checks import InputError

SCHEMAS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "config" / "schemas").glob("*.schema.yaml"))
}


def check_study():
    """Check the config against its schema, and what it names besides images."""
    study.check(config, schemas=SCHEMAS, file=CONFIG_FILE)
    for folder in (".snakemake", f"results/{config['study']}"):
        io.check_writable(folder)
    if "published" in config:
        published.check(config["published"])
    if "published_regimes" in config:
        chosen = config["published_regimes"]
        datasets = [dataset for dataset, _ in chosen["experiments"].values()]
        published.check_regimes(chosen["table"], datasets=datasets)


def read_tables(provided):
    """The users' pair tables by data set; their files exist, or are among those provided."""
    tables = {}
    for name, dataset in config["datasets"].items():
        if "pairs" in dataset:
            table = dataset["pairs"]
            tables[name] = pairs.parse_pairs(io.read_table(table), table=table)
            pairs.check_files(tables[name], provided=provided, table=table)
            for split in splits_of(name):
                pairs.check_split(tables[name], split=split, table=table)
            if "train" in splits_of(name) and "noise2noise" in objectives():
                rows = [pair for pair in tables[name] if pair.split == "train"]
                pairs.check_repeated(rows, table=table)
            if name in compared_with_truth():
                pairs.check_complete(tables[name], table=table)
    return tables


def compared_with_truth():
    """The data sets of which every image needs a long exposure, whatever it is used for."""
    measured = [entry["measured"] for entry in config.get("looks", {}).values()]
    calibrating = [
        dataset
        for entry in config.get("noise_models", {}).values()
        if entry["origin"] == "pairs"
        for datasets in entry.get("datasets", {}).values()
        for dataset in datasets
    ]
    return {*measured, *calibrating}


def objectives():
    """What the study's networks are trained for."""
    return {method.get("objective") for method in config["methods"].values()}


def find_images():
    """What the patterns of data sets find, by data set."""
    found = {}
    for name, dataset in config["datasets"].items():
        if "folder" in dataset:
            folder, where = dataset["folder"], f"datasets.{name}.folder"
            found[name] = folders.find(folder["low"], folder.get("high"), where=where)
            folders.check_test(found[name], folder.get("test"), splits=splits_of(name), where=where)
    return found


def split_of(train_set):
    """The rows of its data set that a train set is cut from."""
    return config["train_sets"][train_set].get("split", "train")


def splits_of(dataset):
    """What a data set is for: training, if some network is trained on it, and testing."""
    trains = any("network" in method for method in config["methods"].values())
    needed = {
        split_of(name)
        for name, entry in config["train_sets"].items()
        if trains and entry["dataset"] == dataset
    }
    if any(entry["dataset"] == dataset for entry in config["test_sets"].values()):
        needed.add("test")
    return sorted(needed, reverse=True)


def source_files():
    """What the catalogues say of every file of the study's sources, given as <source>/<name>."""
    files = {}
    for name, source in config.get("sources", {}).items():
        catalogue = sources.read_catalogue(source["catalogue"])
        sources.check_catalogue(catalogue, schemas=SCHEMAS, file=source["catalogue"])
        sources.own_folder(source, where=f"sources.{name}")
        entries = sources.files_of(catalogue)
        files |= {f"{name}/{file}": entry for file, entry in entries.items()}
    return files


def shown(path):
    """A path from the working directory where it lies below it, so that no machine is named."""
    path = Path(path)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


CONFIG_FILES = [shown(file) for file in workflow.configfiles]
CONFIG_FILE = " and ".join(CONFIG_FILES) or "the config"

try:
    check_study()
    SOURCE_FILES = source_files()
    # The stacks of frames, and the folder of each, which is what a job makes.
    STACKS = {
        f"resources/{file}/{stack}": f"resources/{file}"
        for file, entry in SOURCE_FILES.items()
        for stack in sources.stacks_of(entry)
    }
    PAIRS = read_tables({f"resources/{file}" for file in SOURCE_FILES} | STACKS.keys())
    FOUND = find_images()
except InputError as error:
    raise WorkflowError(str(error)) from None

DATASETS = list(config["datasets"])
# What is trained on or restored; the others are there for their looks alone.
USED = [
    config[kind][name]["dataset"] for kind in ("train_sets", "test_sets") for name in config[kind]
]
STUDIED = [name for name in DATASETS if name in USED]
SIMULATED = [name for name, dataset in config["datasets"].items() if "simulate" in dataset]
TRAIN_SETS = list(config["train_sets"])
TEST_SETS = list(config["test_sets"])
EXPERIMENTS = list(config["experiments"])
# The control first: every table and figure begins with the image as it is.
METHODS = sorted(config["methods"], key="noisy".__ne__)
# A trained method, and one that takes another image from a trained one's network.
TRAINED_METHODS = [name for name in METHODS if "network" in config["methods"][name]]
NETWORK_METHODS = [name for name in METHODS if "filter" not in config["methods"][name]]
BLIND_METHODS = [n for n in TRAINED_METHODS if config["methods"][n]["objective"] == "noise2void"]
PAIRED_METHODS = [name for name in TRAINED_METHODS if name not in BLIND_METHODS]
FILTER_METHODS = [name for name in METHODS if "filter" in config["methods"][name]]
NOISE_MODELS = config.get("noise_models", {})
SEEDS = config["seeds"]
LOOKS = list(config.get("looks", {}))

# A machine with an Nvidia card trains one network at a time on it; profiles limit the number.
GPUS_PER_JOB = int(shutil.which("nvidia-smi") is not None)


def network_runs(train_set):
    """Every restoration by a trained network of a train set, as runs."""
    return [f"{train_set}.{method}.seed{seed}" for method in NETWORK_METHODS for seed in SEEDS]


def runs_on(test_set):
    """Every run that restores a test set: all filters, and the networks of its experiments."""
    train_sets = dict.fromkeys(
        entry["train_set"]
        for entry in config["experiments"].values()
        if entry["test_set"] == test_set
    )
    return FILTER_METHODS + [run for name in train_sets for run in network_runs(name)]


def has_truth(test_set):
    """Whether the images of a test set have a long exposure to be scored by."""
    dataset = config["test_sets"][test_set]["dataset"]
    if dataset in FOUND:
        return all(item.high for item in FOUND[dataset])
    return dataset in SIMULATED or pairs.has_truth(PAIRS[dataset])


# What has no truth is restored and shown, but neither scored nor compared.
SCORED_SETS = [name for name in TEST_SETS if has_truth(name)]
SCORED = [name for name in EXPERIMENTS if config["experiments"][name]["test_set"] in SCORED_SETS]

# Of each experiment the kind of images and the noise regime whose printed scores it stands beside.
REGIMES = {
    name: regime
    for name, regime in config.get("published_regimes", {}).get("experiments", {}).items()
    if name in SCORED
}

RUNS = list(dict.fromkeys(run for test_set in TEST_SETS for run in runs_on(test_set)))


def one_of(names):
    """A wildcard's constraint: one of these names and nothing else."""
    return "|".join(map(re.escape, map(str, names))) or "(?!)"


wildcard_constraints:
    dataset=one_of(DATASETS),
    pair=one_of(LOOKS),
    train_set=one_of(TRAIN_SETS),
    test_set=one_of(TEST_SETS),
    experiment=one_of(EXPERIMENTS),
    method=one_of(NETWORK_METHODS),
    noise_model=one_of(NOISE_MODELS),
    target="clean|next|none",
    filter_method=one_of(FILTER_METHODS),
    seed=one_of(SEEDS),
    run=one_of(RUNS),


def code(script, *modules):
    """Fingerprint of a script and of all library code it reaches; a param of every stage."""
    return fingerprint.code_fingerprint(
        SCRIPTS / f"{script}.py",
        package=LIBRARY,
        modules=modules,
        # What a job prints, and the version that a page was written by, change no result.
        left_out={"_job", "_noise_warning", "denoisekit.__version__"},
    )


def architecture(network):
    """The library's module of a network."""
    name = config["networks"][network]["architecture"]
    return f"denoisekit.networks.{name.replace('-', '_')}"


def trained(wildcards):
    """The method whose network is used: a method's own, or that of the one it is of."""
    return config["methods"][wildcards.method].get("of", wildcards.method)


def samples_prior(method):
    """Whether a method's network gives samples that a noise model weighs."""
    entry = config["methods"][method]
    return config["methods"][entry.get("of", method)].get("loss") == "pn2v"


def train_code(wildcards):
    """Fingerprint of training, with the one loss and the one network that a method names."""
    method = config["methods"][wildcards.method]
    if wildcards.method in BLIND_METHODS:
        return code("train_noise2void", architecture(method["network"]))
    loss = f"denoisekit.losses.{method['loss'].replace('-', '_')}"
    return code("train", loss, architecture(method["network"]))


def predict_code(wildcards):
    """Fingerprint of prediction, with the one network that a method names."""
    script = "predict_posterior" if samples_prior(wildcards.method) else "predict"
    return code(script, architecture(config["methods"][trained(wildcards)]["network"]))


def train_files(wildcards):
    """What a paired method is trained on: CARE's normalised patches, or frames in their units."""
    method = config["methods"][wildcards.method]
    folder = "<results>/patches/{train_set}"
    if method["objective"] == "noise2noise":
        return {"frames": f"{folder}/next"}
    if method.get("normalization") == "mean-std":
        return {"frames": f"{folder}/clean"}
    names = {"low": "low.npy", "high": "high.npy", "positions": "positions.tsv"}
    return {key: f"{folder}/{name}" for key, name in names.items()}


def noise_model_file(wildcards):
    """The noise model that a method's samples are weighed by, or nothing."""
    name = config["methods"][trained(wildcards)].get("noise_model")
    if name is None:
        return []
    seed = ".seed{seed}" if NOISE_MODELS[name]["origin"] == "restoration" else ""
    (path,) = collect(
        f"<results>/noise_models/{{train_set}}/{name}{seed}.npz",
        train_set=wildcards.train_set,
        seed=wildcards.seed,
    )
    return path


def noise_model_settings(wildcards):
    """The settings of the noise model of a method, if it has one."""
    return NOISE_MODELS.get(config["methods"][trained(wildcards)].get("noise_model"))


def noise_model_datasets(wildcards):
    """The data sets that a noise model is learned from: those named, or the train set's own."""
    own = [config["train_sets"][wildcards.train_set]["dataset"]]
    return NOISE_MODELS[wildcards.noise_model].get("datasets", {}).get(wildcards.train_set, own)


def noise_model_splits(wildcards):
    """The rows that a noise model is learned from: all of other data sets, or the train set's."""
    named = NOISE_MODELS[wildcards.noise_model].get("datasets", {})
    return ["train", "test"] if wildcards.train_set in named else [split_of(wildcards.train_set)]


def noise_model_pairs(wildcards):
    """The registered images that a noise model is learned from."""
    return collect("<results>/registered/{dataset}", dataset=noise_model_datasets(wildcards))


def first_network(wildcards):
    """The network whose restorations a noise model is learned from."""
    return network_files(NOISE_MODELS[wildcards.noise_model]["method"], wildcards)


# The method of which one pixel's posterior is drawn: the first that has one.
DRAWN_POSTERIOR = [n for n in TRAINED_METHODS if config["methods"][n]["loss"] == "pn2v"][:1]


def posterior_run(wildcards):
    """The run of an experiment of which one pixel's posterior is drawn."""
    train_set = config["experiments"][wildcards.experiment]["train_set"]
    return SimpleNamespace(train_set=train_set, method=DRAWN_POSTERIOR[0], seed=SEEDS[0])


def posterior_model(wildcards):
    """The network of that run."""
    return model_files(posterior_run(wildcards))


def posterior_noise_model(wildcards):
    """The noise model of that run."""
    return noise_model_file(posterior_run(wildcards))


def posterior_restored(wildcards):
    """The images that that run restored."""
    run = posterior_run(wildcards)
    test_set = config["experiments"][wildcards.experiment]["test_set"]
    return f"<results>/restored/{test_set}/{run.train_set}.{run.method}.seed{run.seed}"


def posterior_code(wildcards):
    """Fingerprint of looking at that run, with its network."""
    method = config["methods"][posterior_run(wildcards).method]
    return code("examine_pixel", architecture(method["network"]))


def filter_code(wildcards):
    """Fingerprint of filtering, with the one filter that a method names."""
    name = config["methods"][wildcards.filter_method]["filter"]
    return code("filter", f"denoisekit.filters.{name.replace('-', '_')}")


def train_settings(wildcards):
    """All that decides a trained network, besides its patches and its seed."""
    method = config["methods"][wildcards.method]
    return {
        "method": method,
        "network": config["networks"][method["network"]],
        "training": config["training"],
        **({"noise_model": noise_model_settings(wildcards)} if "noise_model" in method else {}),
    }


def checkpoint_folder(wildcards, output):
    """Where a training keeps its state: not with its outputs, which are deleted before a job."""
    model = Path(output.card).parent
    return str(model.parents[2].with_name("checkpoints") / model.relative_to(model.parents[2]))


def run_identity(wildcards):
    """What a run is, and on what: the columns that every row of its scores begins with."""
    train_set, _, rest = wildcards.run.rpartition(".seed")[0].partition(".")
    method, seed = (
        (rest, wildcards.run.rpartition(".seed")[2]) if train_set else (wildcards.run, "")
    )
    return {
        "test_set": wildcards.test_set,
        "run": wildcards.run,
        "train_set": train_set,
        "method": method,
        "seed": seed,
        "simulated": "yes" if tested(wildcards) in SIMULATED else "no",
    }


def files_with(kind):
    """The files of all sources, as <source>/<name>, whose entries have a key."""
    return [file for file, entry in SOURCE_FILES.items() if kind in entry]


def source_file(wildcards):
    """What its catalogue says of a file, given as <source>/<name>."""
    return SOURCE_FILES[wildcards.file]


def archive_member(wildcards):
    """The name of a file in its archive."""
    return source_file(wildcards)["member"]


def file_origin(wildcards):
    """The archive or the picture, of the same source, that a file is made of."""
    source, entry = wildcards.file.partition("/")[0], source_file(wildcards)
    return f"resources/{source}/{entry.get('archive', entry.get('picture'))}"


def frames_archive(wildcards):
    """The archive that stacks are made of; none where the user has it unpacked, or had it then."""
    made = Path("resources", wildcards.file)
    if made.is_dir():
        return [] if (made / "unpacked.txt").exists() else file_origin(wildcards)
    name, entry = wildcards.file.partition("/")[0], source_file(wildcards)
    folder = sources.own_folder(config["sources"][name], where=f"sources.{name}")
    return [] if sources.is_unpacked(entry, folder=folder) else file_origin(wildcards)


def pair_table(wildcards):
    """A dataset's pair table: the user's own, or that of its simulation or its folder."""
    kind = "pairs" if wildcards.dataset in FOUND else "simulated"
    return config["datasets"][wildcards.dataset].get(
        "pairs", f"<results>/{kind}/{wildcards.dataset}/pairs.tsv"
    )


def found_files(wildcards):
    """The image files that a data set's patterns find."""
    return [file for item in FOUND[wildcards.dataset] for file in (item.low, item.high) if file]


def pair_files(wildcards):
    """The image files that a dataset's pair table names, or the folders of stacks, each once."""
    if wildcards.dataset in SIMULATED:
        return collect(
            "<results>/simulated/{dataset}/{exposure}.tif",
            dataset=wildcards.dataset,
            exposure=["low", "high"],
        )
    if wildcards.dataset in FOUND:
        return found_files(wildcards)
    files = (file for row in PAIRS[wildcards.dataset] for file in row.files)
    return list(dict.fromkeys(STACKS.get(file, file) for file in files))


def registered(dataset):
    """The folder of a dataset's registered pairs."""
    return f"<results>/registered/{dataset}"


def network_files(method, wildcards):
    """Weights that predict (the best by validation loss, or the last), and the network's card."""
    (folder,) = collect(
        "<results>/models/{train_set}/{method}/seed{seed}",
        method=method,
        train_set=wildcards.train_set,
        seed=wildcards.seed,
    )
    return {
        "weights": f"{folder}/{config['prediction']['weights']}.safetensors",
        "card": f"{folder}/card.json",
    }


def model_files(wildcards):
    """The network that a method restores with."""
    return network_files(trained(wildcards), wildcards)


def train_split(wildcards):
    """The rows that a train set is cut from."""
    return split_of(wildcards.train_set)


def train_noise_card(wildcards):
    """What the noise of a train set's data set is like."""
    return f"<results>/noise_cards/{config['train_sets'][wildcards.train_set]['dataset']}.json"


def train_pairs(wildcards):
    """The registered pairs that a train set takes its patches from."""
    return registered(config["train_sets"][wildcards.train_set]["dataset"])


def tested(wildcards):
    """The data set of a test set, or of an experiment's test set."""
    test_set = wildcards.get("test_set") or config["experiments"][wildcards.experiment]["test_set"]
    return config["test_sets"][test_set]["dataset"]


def test_pairs(wildcards):
    """The registered pairs of a test set, or of an experiment's."""
    return registered(tested(wildcards))


def test_pixel_size(wildcards):
    """The pixel size of a test set, or of an experiment's, where a file does not tell it."""
    return config["datasets"][tested(wildcards)]["pixel_size_um"]


def runs_of(experiment):
    """The runs of an experiment in the order of the methods."""
    entry = config["experiments"][experiment]
    return [
        run
        for method in METHODS
        for run in (
            [method]
            if method in FILTER_METHODS
            else [f"{entry['train_set']}.{method}.seed{seed}" for seed in SEEDS]
        )
    ]


def experiment_runs(wildcards):
    """The folders of restored images of an experiment, one per run."""
    return collect(
        "<results>/restored/{test_set}/{run}",
        test_set=config["experiments"][wildcards.experiment]["test_set"],
        run=runs_of(wildcards.experiment),
    )


def shown_runs(wildcards):
    """The run of every method that stands for it in a figure: that of the first seed."""
    train_set = config["experiments"][wildcards.experiment]["train_set"]
    return {
        method: method if method in FILTER_METHODS else f"{train_set}.{method}.seed{SEEDS[0]}"
        for method in METHODS
    }


def experiment_curves(wildcards):
    """The curves of sharpness of an experiment, one file per run."""
    return collect(
        "<results>/sharpness/{test_set}/{run}.curves.tsv",
        test_set=config["experiments"][wildcards.experiment]["test_set"],
        run=runs_of(wildcards.experiment),
    )


def all_scores(wildcards):
    """The score file of every run on every test set."""
    return [
        f"<results>/scores/{test_set}/{run}.tsv"
        for test_set in SCORED_SETS
        for run in runs_on(test_set)
    ]


def files_of_models(name):
    """A file of every trained network that some experiment needs."""
    needed = dict.fromkeys(entry["train_set"] for entry in config["experiments"].values())
    return collect(
        "<results>/models/{train_set}/{method}/seed{seed}/{name}",
        name=name,
        train_set=needed,
        method=TRAINED_METHODS,
        seed=SEEDS,
    )


def all_histories(wildcards):
    """The learning history of every network."""
    return files_of_models("history.tsv")


def all_cards(wildcards):
    """The card of every network."""
    return files_of_models("card.json")


def all_notes(wildcards):
    """How the study restores with every network."""
    return files_of_models("prediction.json")


def all_figures(wildcards):
    """Every figure, as a picture and for print; the paper's two are of its experiment AA."""
    names = [f"{kind}-{name}" for kind in ("montage", "scores", "sharpness") for name in SCORED]
    names += [f"restored-{name}" for name in EXPERIMENTS if name not in SCORED]
    if DRAWN_POSTERIOR:
        names += [f"posterior-{name}" for name in EXPERIMENTS]
    if "AA" in SCORED:
        names += ["figure-1-AA", "figure-2-AA"]
    if len(config["conventions"]) > 1 and SCORED:
        names.append("conventions")
    if REGIMES:
        names.append("regimes")
    if TRAINED_METHODS:
        names.append("learning-curves")
    names += [f"looks-{name}" for name in LOOKS]
    return collect("<results>/figures/{name}.{kind}", name=names, kind=["png", "pdf"])


def scored(path):
    """A file that is there only if some experiment has a truth to score by."""
    return path if SCORED else []


def scores_of(wildcards):
    """The table of all scores, if the experiment has a truth to score by."""
    return "<results>/tables/scores.tsv" if wildcards.experiment in SCORED else []


def is_scored(wildcards):
    """Whether the images of an experiment have a truth."""
    return wildcards.experiment in SCORED


def noise_cards(wildcards):
    """What the noise of every data set is like that is trained on or restored."""
    return collect("<results>/noise_cards/{dataset}.json", dataset=STUDIED)


def camera_offset(wildcards):
    """A camera's value without light: known where a data set is simulated."""
    simulation = config["datasets"][wildcards.dataset].get("simulate")
    return simulation["camera"]["offset"] if simulation else None


def looks_of(pair):
    """The data sets that are set side by side: the simulated one, then the measured one."""
    return [config["looks"][pair][kind] for kind in ("simulated", "measured")]


def camera_of(pair):
    """The settings of the camera that a pair's simulated data set is taken with."""
    return config["datasets"][config["looks"][pair]["simulated"]]["simulate"]["camera"]


def looks_cards(wildcards):
    """What the frames of both data sets of a pair are like."""
    return collect("<results>/looks/{dataset}.json", dataset=looks_of(wildcards.pair))


def looks_registered(wildcards):
    """The registered pairs of both data sets of a pair."""
    return collect("<results>/registered/{dataset}", dataset=looks_of(wildcards.pair))


def looks_pixel_sizes(wildcards):
    """The pixel sizes of both data sets of a pair, where a file does not tell it."""
    return [config["datasets"][name]["pixel_size_um"] for name in looks_of(wildcards.pair)]


def job_names():
    """All words that the paths of this study's benchmarks are made of."""
    files = {part for file in SOURCE_FILES for part in file.split("/")}
    seeds = {f"seed{seed}" for seed in SEEDS}
    return {rule.name for rule in workflow.rules}.union(
        *(DATASETS, LOOKS, TRAIN_SETS, TEST_SETS, EXPERIMENTS, METHODS, RUNS, seeds, files)
    )


def all_tables(wildcards):
    """Every table; the paper's own, and their audit, where the study names the published numbers."""
    names = ["experiments", "noise"]
    if SCORED:
        names += ["scores", "summary", "comparisons", "conventions", "sharpness"]
    if SCORED and "published" in config:
        names.append("audit")
    if LOOKS:
        names.append("looks")
    if REGIMES:
        names.append("regimes")
    paper = ["<results>/tables/paper"] if "audit" in names else []
    return paper + collect("<results>/tables/{name}.tsv", name=names)
