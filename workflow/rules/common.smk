"""Check the study, read its tables, constrain its wildcards and take fingerprints of its code.

What a study asks for is said by `denoisekit.study.design.Study`.
"""

import dataclasses
import functools
import inspect
import re
import runpy
import shutil
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# Not `workflow.basedir`, which is the caller's where this is a module of another workflow.
ROOT = Path(str(workflow.current_basedir)).parents[1]
# A checkout has the library beside the workflow; an installed library has the workflow in it.
LIBRARY = ROOT / "src" / "denoisekit" if (ROOT / "src").is_dir() else ROOT.parent
SCRIPTS = ROOT / "workflow" / "scripts"

# As every script takes it.
runpy.run_path(str(SCRIPTS / "_library.py"))

from denoisekit import files, plugins, provenance, yaml_files
from denoisekit.datasets import catalogues, folders, pair_table, pairs
from denoisekit.errors import InputError
from denoisekit.images import reading
from denoisekit.published import printed
from denoisekit.study import (
    check,
    ending,
    fingerprint,
    labelled,
    model_cards,
    outside,
    records,
    unfinished,
)
from denoisekit.study.contents import Contents
from denoisekit.study.design import Study
from denoisekit.study.known_code import Fingerprints
from denoisekit.study.runs import Run
from denoisekit.study.shipped import find_shipped, schemas

SCHEMAS = schemas()


def check_study():
    """Check the config's files, the config against its schema, and what it names besides images."""
    for file in CONFIG_FILES:
        if Path(file).suffix != ".json":
            yaml_files.read_yaml(file)
    check.check(config, schemas=SCHEMAS, file=CONFIG_FILE)
    config.update(find_shipped(config, checkout=ROOT))
    outside.check_files(config, checkout=ROOT, file=CONFIG_FILE)
    for folder in (".snakemake", f"results/{config['study']}"):
        files.check_writable(folder)
    if "published" in config:
        printed.check_folder(config["published"])
    if "published_regimes" in config:
        chosen = config["published_regimes"]
        datasets = [dataset for dataset, _ in chosen["experiments"].values()]
        printed.check_regimes(chosen["table"], datasets=datasets)


def read_tables(provided):
    """The users' pair tables by data set; their files exist, or are among those provided."""
    tables = {}
    repeated = "noise2noise" in map(STUDY.objective, STUDY.trained_methods)
    for name, dataset in config["datasets"].items():
        if "pairs" in dataset:
            table, splits = dataset["pairs"], STUDY.splits_of(name)
            tables[name] = pair_table.parse_pairs(
                files.read_table(table), table=table, **STUDY.choice_of(name)
            )
            named = (file for pair in tables[name] for file in pair.files)
            files.check_braces([table, *named], where=f"datasets.{name}.pairs")
            pair_table.check_files(tables[name], provided=provided, table=table)
            for split in splits:
                pairs.check_split(tables[name], split=split, table=table)
            if STUDY.looks_at(name) > 1:
                rows = [pair for pair in tables[name] if pair.split in splits]
                pairs.movies(rows, table=table)
            if "train" in splits and repeated:
                rows = [pair for pair in tables[name] if pair.split == "train"]
                pairs.check_repeated(rows, table=table)
            if name in STUDY.compared_with_truth:
                pair_table.check_complete(tables[name], table=table)
    return tables


def find_images():
    """What the patterns of data sets find, by data set."""
    found = {}
    for name, dataset in config["datasets"].items():
        if "folder" in dataset:
            folder, where = dataset["folder"], f"datasets.{name}.folder"
            found[name] = folders.find(folder["low"], folder.get("high"), where=where)
            named = [file for item in found[name] for file in (item.low, item.high) if file]
            files.check_braces(named, where=where)
            splits = STUDY.splits_of(name)
            folders.check_test(found[name], folder.get("test"), splits=splits, where=where)
    return found


def source_files():
    """What the catalogues say of every file of the study's sources, given as <source>/<name>."""
    files = {}
    for name, source in config.get("sources", {}).items():
        catalogue = catalogues.read_catalogue(source["catalogue"])
        catalogues.check_catalogue(catalogue, schemas=SCHEMAS, file=source["catalogue"])
        catalogues.own_folder(source, where=f"sources.{name}")
        entries = catalogues.files_of(catalogue)
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
        for stack in catalogues.stacks_of(entry)
    }
    STUDY = Study(config)
    PAIRS = read_tables({f"resources/{file}" for file in SOURCE_FILES} | STACKS.keys())
    FOUND = find_images()
except InputError as error:
    raise WorkflowError(str(error)) from None

WITH_TRUTH = {name for name, rows in PAIRS.items() if pairs.has_truth(rows)}
WITH_TRUTH |= {name for name, found in FOUND.items() if all(item.high for item in found)}
STUDY = dataclasses.replace(STUDY, with_truth=WITH_TRUTH)

# What networks of elsewhere may be.
NETWORKS = [path.stem for path in sorted((LIBRARY / "networks").glob("[!_]*.py"))]

RESULTS = Path("results", config["study"])

for sentence in records.lost_sentences(RESULTS):
    print(f"warning: {sentence}", file=sys.stderr)

# What jobs make of the study's sources.
MADE_FILES = {f"resources/{file}" for file in SOURCE_FILES} | {*STACKS, *STACKS.values()}

CONTENTS = Contents(RESULTS / ".contents.tsv")

# A machine with an Nvidia card trains one network at a time on it; profiles limit the number.
GPUS_PER_JOB = int(shutil.which("nvidia-smi") is not None)


def one_of(names):
    """A wildcard's constraint: one of these names and nothing else."""
    return "|".join(map(re.escape, map(str, names))) or "(?!)"


wildcard_constraints:
    dataset=one_of(config["datasets"]),
    pair=one_of([*STUDY.looks, *STUDY.ranges]),
    segmentation=one_of(STUDY.segmentations),
    train_set=one_of(config["train_sets"]),
    test_set=one_of([*config["test_sets"], *STUDY.control_sets]),
    experiment=one_of(config["experiments"]),
    method=one_of(STUDY.network_methods),
    noise_model=one_of(STUDY.noise_models),
    target="(clean|matched|next|none|own)(-photons)?(-frames[0-9]+)?",
    filter_method=one_of(STUDY.filter_methods),
    scaled_method=one_of(STUDY.scaled_methods),
    outside_run=one_of(STUDY.outside_runs),
    command_run=one_of(STUDY.command_runs),
    model_method=one_of(STUDY.model_methods),
    package_method=one_of(STUDY.package_methods),
    seed=one_of(STUDY.seeds),
    run=one_of(STUDY.runs),


def ask(answer):
    """A function of wildcards that asks the study: they are called as its answer's arguments."""
    names = list(inspect.signature(answer).parameters)
    return lambda wildcards: answer(*(wildcards[name] for name in names))


# What a job prints, and the version that a page was written by.
CHANGES_NO_RESULT = {"_job", "_noise_warning", "_pair_verdicts", "denoisekit.__version__"}

FINGERPRINTS = Fingerprints(package=LIBRARY, scripts=SCRIPTS, left_out=CHANGES_NO_RESULT)


@functools.cache
def code(script, *modules):
    """Fingerprint of a script and of all library code it reaches; a param of every stage."""
    others = list(filter(None, map(plugins.of_module, modules)))
    modules = [module for module in modules if not plugins.of_module(module)]
    if metrics := plugins.find("metrics").values():
        reached = fingerprint.reached_modules(
            SCRIPTS / f"{script}.py", package=LIBRARY, modules=modules, left_out=CHANGES_NO_RESULT
        )
        others += metrics if "denoisekit.evaluation.metrics" in reached else []
    own = FINGERPRINTS.of(script, modules)
    return ", ".join([own, *(plugin.identity for plugin in others)])


def simulate_code(wildcards):
    """Fingerprint of simulating, with the one structure that a data set shows."""
    return code("simulate", STUDY.structure_module(wildcards.dataset))


def sharp_code(wildcards):
    """Fingerprint of simulating beside a sharp truth, with the one structure of a data set."""
    return code("simulate_sharp", STUDY.structure_module(wildcards.dataset))


def draw_labels_code(wildcards):
    """Fingerprint of drawing labels, with the one structure that a data set shows."""
    return code("draw_labels", STUDY.structure_module(wildcards.dataset))


def train_code(network):
    """Fingerprint of training, with the one loss and the one network that a method names."""
    script = "train_noise2void" if network.method in STUDY.masked_methods else "train"
    if network.method in STUDY.isotropic_methods:
        script = "train_isotropic"
    return code(script, *STUDY.train_modules(network.method))


def asked(network):
    """What the study asks of a network (its train set, method and seed), as its card has it."""
    settings = STUDY.train_settings(network.method)
    identity = {"train_set": network.train_set, "seed": str(network.seed)}
    return {**identity, **settings, "code": train_code(network)}


def asked_networks(wildcards):
    """What the page must hold the card of every network against, by the network's folder."""
    return {
        f"{run.train_set}/{run.method}/seed{run.seed}": {
            "asked": asked(run),
            "patches": f"patches/{run.train_set}/{STUDY.target(run.method)}",
            "noise_model": "".join(noise_model_file(run)).removeprefix("<results>/"),
        }
        for run in STUDY.networks
    }


def is_as_asked(network):
    """Whether a network is trained, as far as its card tells, as the study asks for it now."""
    card = RESULTS / f"models/{network.train_set}/{network.method}/seed{network.seed}/card.json"
    try:
        return model_cards.difference(files.read_json(card), asked(network)) is None
    except (OSError, ValueError, AttributeError):
        return False


def gate(name, network):
    """A file that a network waits for, though it is not made of it: made anew, it trains nothing.

    Snakemake does not look at the params of jobs below one that runs, and does not wake those that
    hang on it by `ancient` alone. So a network that stays must not hang on the gate at all, which
    `before_update` says; one that is not as the study asks is trained in any case, and waits.
    """
    file = f"<results>/{name}"
    stays = (RESULTS / name).exists() and is_as_asked(network)
    return before_update(ancient(file)) if stays else file


def apart_gate(wildcards):
    """The proof that no image to test on is trained on, for networks that learn from others."""
    if wildcards.method in STUDY.blind_methods:
        return []
    return gate("checks/apart.tsv", wildcards)


def noise_card_gate(wildcards):
    """What the noise of a train set's data set is like: a training tells where it contradicts."""
    return gate(f"noise_cards/{trained_on(wildcards)}.json", wildcards)


def predict_code(wildcards):
    """Fingerprint of prediction, with the one network that a method names."""
    sampled = wildcards.method in STUDY.posterior_methods
    script = "predict_posterior" if sampled else "predict"
    if wildcards.method in STUDY.isotropic_methods:
        script = "predict_isotropic"
    if wildcards.method in STUDY.projecting_methods:
        script = "predict_projection"
    if wildcards.method in STUDY.joint_methods:
        script = "predict_channels"
    return code(script, STUDY.network_module(wildcards.method))


def model_code(wildcards):
    """Fingerprint of restoring with a network of elsewhere, which may be of any architecture."""
    return code("apply_model", *(f"denoisekit.networks.{name}" for name in NETWORKS))


def validate_filters_code(wildcards):
    """Fingerprint of validating filters, with those that a train set's networks are held against."""
    filters = STUDY.validating_filters(wildcards.train_set)
    return code("validate_filters", *map(STUDY.filter_module, filters))


def validate_code(wildcards):
    """Fingerprint of validating, with the one network that a method names."""
    return code("validate", STUDY.network_module(wildcards.method))


def kept_code(wildcards):
    """Fingerprint of restoring what was kept from training, with the one network of a method."""
    return code("restore_kept", STUDY.network_module(wildcards.method))


def posterior_code(wildcards):
    """Fingerprint of looking at one pixel, with the network of the run that restored it."""
    method = STUDY.posterior_run(wildcards.experiment).method
    return code("examine_pixel", STUDY.network_module(method))


def filter_code(wildcards):
    """Fingerprint of filtering, with the one filter that a method names."""
    return code("filter", STUDY.filter_module(wildcards.filter_method))


def left_unfinished():
    """Leave a page of what is there so far, or take it away; what to tell of it, in lines."""
    dag = workflow.dag
    current = {
        str(file): dag.finished(job) or not dag.needrun(job)
        for job in dag.jobs
        for file in job.output
    }
    try:
        return unfinished.write(STUDY, RESULTS, current)
    except OSError as error:
        return [f"What is there so far cannot be shown: {error}."]


def job_names():
    """All words that the paths of this study's benchmarks are made of."""
    # Not the names of `workflow.rules`, among which may be those of a workflow around this one.
    rules = {path.stem for path in SCRIPTS.glob("[!_]*.py")}
    return rules | STUDY.job_words(SOURCE_FILES)
