"""Say what wildcards lead to: the files that the stages take, functions only."""


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


def stacks_archive(wildcards):
    """The archive that stacks are made of; none where the user has it unpacked, or had it then."""
    made = Path("resources", wildcards.file)
    if made.is_dir():
        return [] if (made / "unpacked.txt").exists() else file_origin(wildcards)
    name, entry = wildcards.file.partition("/")[0], source_file(wildcards)
    folder = catalogues.own_folder(config["sources"][name], where=f"sources.{name}")
    return [] if catalogues.is_unpacked(entry, folder=folder) else file_origin(wildcards)


def pair_table(wildcards):
    """A dataset's pair table: the user's own, or that of its simulation or its folder."""
    thinned = "thinned" if wildcards.dataset in STUDY.thinned else "simulated"
    kind = "pairs" if wildcards.dataset in FOUND else thinned
    kind = "sparse" if wildcards.dataset in STUDY.sparse else kind
    made = f"<results>/{kind}/{wildcards.dataset}/pairs.tsv"
    return config["datasets"][wildcards.dataset].get("pairs", made)


def registered_table(wildcards):
    """The pair table of what is registered: of stacks with a sheet, that of their planes."""
    if wildcards.dataset in STUDY.sheets:
        return f"<results>/sheets/{wildcards.dataset}/pairs.tsv"
    return pair_table(wildcards)


def pair_table_file(wildcards):
    """Where a data set's pair table lies."""
    return pair_table(wildcards).replace("<results>", str(RESULTS))


def registered_table_file(wildcards):
    """Where the pair table of what is registered lies."""
    return registered_table(wildcards).replace("<results>", str(RESULTS))


def is_made(file):
    """Whether a job makes a file: then it is an input, and what it holds a matter of its date."""
    return file.startswith("<results>") or file in MADE_FILES


def made_pair_files(wildcards):
    """What jobs make of a data set's table and images."""
    return list(filter(is_made, [pair_table(wildcards), *pair_files(wildcards)]))


def registered_files(wildcards):
    """What jobs make of what is registered: of stacks with a sheet, all of it."""
    name = wildcards.dataset
    if name in STUDY.sheets:
        return [registered_table(wildcards), f"<results>/sheets/{name}/images"]
    return made_pair_files(wildcards)


def own_pair_files(wildcards):
    """The user's own files of a data set: its table and images."""
    named = [pair_table(wildcards), *pair_files(wildcards)]
    return [file for file in named if not is_made(file)]


def content_of(files_of):
    """A param that changes with what files hold that no job makes, whatever their dates."""
    return lambda wildcards: CONTENTS.of(files_of(wildcards))


def found_files(wildcards):
    """The image files that a data set's patterns find, and all that are one image with them."""
    files = [file for item in FOUND[wildcards.dataset] for file in (item.low, item.high) if file]
    return reading.with_members(files)


def is_laid_on(wildcards):
    """Whether a data set's exposures are laid on each other; thinned ones are of one image."""
    given = config["datasets"][wildcards.dataset].get("register", True)
    derived = {*STUDY.thinned, *STUDY.sparse, *STUDY.sheets, *STUDY.simulated_sharp}
    return given and wildcards.dataset not in derived


def thinned_of(wildcards):
    """The registered pairs that a data set is thinned of."""
    return f"<results>/registered/{STUDY.thinned[wildcards.dataset]['of']}"


def sparse_of(wildcards):
    """The registered pairs of which a data set leaves planes out."""
    return f"<results>/registered/{STUDY.sparse[wildcards.dataset]['of']}"


def psf_file(wildcards):
    """The file of a sparse data set's point spread function, if it has one."""
    return STUDY.sparse[wildcards.dataset]["psf"].get("file", [])


def kept_planes(dataset):
    """The planes that are kept of a data set's stacks, where some are left out."""
    return f"<results>/sparse/{dataset}/images" if dataset in STUDY.sparse else []


def train_planes(wildcards):
    """The planes of the stacks that a train set learns from, where some are left out."""
    return kept_planes(trained_on(wildcards))


def test_planes(wildcards):
    """The planes of the stacks of a test set, where some are left out."""
    return kept_planes(STUDY.tested(test_set_of(wildcards)))


def sheet_stacks(dataset):
    """The stacks of a data set whose truth is the plane of a sheet."""
    return f"<results>/sheets/{dataset}/stacks" if dataset in STUDY.sheets else []


def train_stacks(wildcards):
    """The stacks that a train set learns to project."""
    return sheet_stacks(trained_on(wildcards))


def test_stacks(wildcards):
    """The stacks of a test set that are projected."""
    return sheet_stacks(STUDY.tested(test_set_of(wildcards)))


def test_heights(wildcards):
    """The true surfaces of a test set's stacks, and which is whose, where they are simulated."""
    name = STUDY.tested(test_set_of(wildcards))
    if name not in STUDY.simulated_sheets:
        return []
    return [f"<results>/simulated/{name}/{file}" for file in ("height.tif", "pairs.tsv")]


def deep_runs(wildcards):
    """The folders of restored images of an experiment, of methods that tell how deep a sheet is."""
    folder, runs = test_set_of(wildcards), STUDY.shown_runs(wildcards.experiment)
    methods = STUDY.deep_methods(wildcards.experiment)
    return [f"<results>/restored/{folder}/{runs[method]}" for method in methods]


def train_pixel_size(wildcards):
    """The pixel size of a train set's images, where files do not tell."""
    return config["datasets"][trained_on(wildcards)]["pixel_size_um"]


def train_spacing(wildcards):
    """How far the planes of a train set's stacks lie apart, where files do not tell."""
    return config["datasets"][trained_on(wildcards)].get("z_spacing_um")


def stack_spacing(wildcards):
    """How far the planes of a test set's stacks lie apart, where files do not tell."""
    return config["datasets"][STUDY.tested(test_set_of(wildcards))].get("z_spacing_um")


def noise_pairs(wildcards):
    """The registered pairs whose noise a data set has; of projected stacks, these."""
    if wildcards.dataset in STUDY.sheets:
        return sheet_stacks(wildcards.dataset)
    return f"<results>/registered/{STUDY.noise_source(wildcards.dataset)}"


def noise_offset(wildcards):
    """The offset of a simulated camera, which is known."""
    return STUDY.camera_of(STUDY.noise_source(wildcards.dataset)).get("offset")


def test_light(wildcards):
    """What was measured of the light of a thinned test set."""
    return f"<results>/thinned/{STUDY.tested(wildcards.test_set)}/light.tsv"


def pair_files(wildcards):
    """The image files that a dataset's pair table names, or the folders of stacks, each once."""
    name = wildcards.dataset
    if name in STUDY.thinned:
        return [f"<results>/thinned/{name}/images"]
    if name in STUDY.sparse:
        return [f"<results>/sparse/{name}/images"]
    if name in STUDY.simulating:
        return [f"<results>/simulated/{name}/{exposure}.tif" for exposure in ("low", "high")]
    if name in FOUND:
        return found_files(wildcards)
    files = (file for row in PAIRS[name] for file in row.files)
    return reading.with_members([STACKS.get(file, file) for file in files])


def trained_on(wildcards):
    """The data set of a train set."""
    return config["train_sets"][wildcards.train_set]["dataset"]


def outside_of(dataset):
    """The values that mark pixels outside of a data set's field, if it names any."""
    return config["datasets"][dataset].get("outside")


def train_outside(wildcards):
    """The values that mark pixels outside of the field in a train set's images."""
    return outside_of(trained_on(wildcards))


def train_as_patches(wildcards):
    """Whether a train set's images are patches themselves."""
    return config["datasets"][trained_on(wildcards)].get("as_patches", False)


def test_outside(wildcards):
    """The values that mark pixels outside of the field in a test set's images, or an experiment's."""
    name = test_set_of(wildcards)
    return None if name in STUDY.control_sets else outside_of(STUDY.tested(name))


def test_averaged(wildcards):
    """How many frames both exposures of a test set are means of, if the long one holds the short."""
    return STUDY.averaged.get(STUDY.tested(wildcards.test_set))


def noise_model_outside(wildcards):
    """The same of each folder that a noise model is learned from."""
    datasets = STUDY.noise_model_datasets(wildcards.noise_model, wildcards.train_set)
    return list(map(outside_of, datasets))


def train_pairs(wildcards):
    """The registered pairs that a train set takes its patches from."""
    return f"<results>/registered/{trained_on(wildcards)}"


def channel_pairs(datasets):
    """The registered pairs of the channels of a sample, in their order."""
    return [f"<results>/registered/{name}" for name in datasets]


def train_channels(wildcards):
    """The registered pairs of all channels that a train set has patches of."""
    return channel_pairs(STUDY.channels_of(wildcards.train_set))


def train_channels_outside(wildcards):
    """The values that mark pixels outside of the field, of each of these channels."""
    return [outside_of(name) for name in STUDY.channels_of(wildcards.train_set)]


def test_channels(wildcards):
    """The registered pairs of all channels of a method, one of which is a test set's."""
    return channel_pairs(STUDY.channels(wildcards.method))


def test_channels_outside(wildcards):
    """The values that mark pixels outside of the field, of each of these channels."""
    return [outside_of(name) for name in STUDY.channels(wildcards.method)]


def train_files(wildcards):
    """The patches, or the folder of them, that a paired method is trained on."""
    folder, files = "<results>/patches/{train_set}", STUDY.patch_files(wildcards.method)
    return {key: f"{folder}/{name}" for key, name in files.items()}


def checkpoint_folder(wildcards, output):
    """Where a training keeps its state: not with its outputs, which are deleted before a job."""
    model = Path(output.card).parent
    return str(model.parents[2].with_name("checkpoints") / model.relative_to(model.parents[2]))


def network_files(run):
    """Weights that predict (the best by validation loss, or the last), and the network's card."""
    learned = STUDY.learned(run.train_set, run.method)
    folder = f"<results>/models/{learned}/{STUDY.network_of(run.method)}/seed{run.seed}"
    weights = f"{folder}/{config['prediction']['weights']}.safetensors"
    return {"weights": weights, "card": f"{folder}/card.json"}


def ensemble_members(wildcards):
    """The images that the networks of an ensemble restored, one folder per seed."""
    runs = STUDY.member_runs(wildcards.method, wildcards.train_set)
    return [f"<results>/restored/{wildcards.test_set}/{run.name}" for run in runs]


def calibrated_images(wildcards):
    """The images that the networks of a run restored of a test set, one folder per network."""
    runs = STUDY.members_of(wildcards.run)
    return [f"<results>/restored/{wildcards.test_set}/{run.name}" for run in runs]


def kept_images(wildcards):
    """The images kept from training that the networks of a run restored, one folder per network."""
    runs = STUDY.members_of(wildcards.run)
    return [f"<results>/kept/{run.train_set}/{run.method}.seed{run.seed}" for run in runs]


def noise_model_pairs(wildcards):
    """The registered images that a noise model is learned from."""
    datasets = STUDY.noise_model_datasets(wildcards.noise_model, wildcards.train_set)
    return [f"<results>/registered/{name}" for name in datasets]


def first_network(wildcards):
    """The network whose restorations a noise model is learned from."""
    method = STUDY.noise_models[wildcards.noise_model]["method"]
    return network_files(Run(method, wildcards.train_set, wildcards.seed))


def noise_model_file(run):
    """The noise model that a method's samples are weighed by, or nothing."""
    name = STUDY.noise_model_name(run.method, seed=run.seed)
    return f"<results>/noise_models/{run.train_set}/{name}.npz" if name else []


def test_set_of(wildcards):
    """A test set, or that of an experiment."""
    named = wildcards.get("test_set")
    return named or config["experiments"][wildcards.experiment]["test_set"]


def test_pairs(wildcards):
    """The registered pairs of a test set, or of an experiment's; the images of a control set."""
    name = test_set_of(wildcards)
    if name in STUDY.control_sets:
        return f"<results>/controls/{STUDY.control_sets[name]}"
    return f"<results>/registered/{STUDY.tested(name)}"


def test_pixel_size(wildcards):
    """The pixel size of a test set, or of an experiment's, where a file does not tell it."""
    return config["datasets"][STUDY.tested(test_set_of(wildcards))]["pixel_size_um"]


def test_noise_card(wildcards):
    """What the noise of a test set, or of an experiment's, is like."""
    return f"<results>/noise_cards/{STUDY.tested(test_set_of(wildcards))}.json"


def tested_runs(wildcards):
    """The folders of restored images of a test set, one per run."""
    folder = f"<results>/restored/{wildcards.test_set}"
    return [f"{folder}/{run}" for run in STUDY.runs_on(wildcards.test_set)]


def experiment_controls(wildcards):
    """The folders of restored controls of an experiment, one per run that is shown."""
    folder = f"<results>/restored/{test_set_of(wildcards)}.controls"
    return [f"{folder}/{run}" for run in STUDY.controlled_runs(wildcards.experiment).values()]


def own_label_files(wildcards):
    """The user's own label images of a data set, whose images are known of a pair table alone."""
    name, where = wildcards.dataset, f"datasets.{wildcards.dataset}.labels"
    pattern = STUDY.own_labels[name]
    found = labelled.label_files(pattern, where=where)
    named = {
        str(labelled.label_file(pattern, row.image, where=where)) for row in PAIRS.get(name, [])
    }
    return [file for file in found if file in named or name not in PAIRS]


def test_labels(wildcards):
    """The labels of a test set's objects, or of an experiment's."""
    return f"<results>/labels/{STUDY.labelled(STUDY.tested(test_set_of(wildcards)))}"


def labels_of_whole(wildcards):
    """The labels of the stacks that the planes of a data set are left out of."""
    return f"<results>/labels/{STUDY.sparse[wildcards.dataset]['of']}"


def chosen_settings(wildcards):
    """The candidates of a segmentation, and what they are chosen on, whatever is tested."""
    entry = STUDY.segmentations[wildcards.segmentation]
    return {key: value for key, value in entry.items() if key != "test_sets"}


def choosing_pairs(wildcards):
    """The registered pairs that the settings of a segmentation are chosen on."""
    return f"<results>/registered/{chosen_settings(wildcards)['chosen_on']['dataset']}"


def choosing_labels(wildcards):
    """The labels of these."""
    dataset = chosen_settings(wildcards)["chosen_on"]["dataset"]
    return f"<results>/labels/{STUDY.labelled(dataset)}"


def choosing_sizes(wildcards):
    """The pixel size and the distance of planes of these, where their files do not tell them."""
    entry = config["datasets"][chosen_settings(wildcards)["chosen_on"]["dataset"]]
    return {key: entry.get(key) for key in ("pixel_size_um", "z_spacing_um")}


def collect_segmented(wildcards):
    """The folders of objects found, one per segmentation, test set and run."""
    return [f"<results>/segmented/{'/'.join(parts)}" for parts in STUDY.segmented]


def experiment_objects(wildcards):
    """The folders of objects found in an experiment, one per run that is shown."""
    folder = f"<results>/segmented/{wildcards.segmentation}/{test_set_of(wildcards)}"
    return [f"{folder}/{run}" for run in STUDY.shown_runs(wildcards.experiment).values()]


def test_z_spacing(wildcards):
    """How far the planes of a test set's volumes lie apart, likewise; none of planes."""
    return STUDY.z_spacing(STUDY.tested(test_set_of(wildcards)))


def outside_method(wildcards):
    """The method of a run from outside of the study."""
    return Run.parse(wildcards.outside_run).method


def outside_pattern(wildcards):
    """Where the restored images of a run lie: where the study says, or where they were made."""
    method = outside_method(wildcards)
    if "images" not in config["methods"][method]:
        return f"{RESULTS}/commanded/{wildcards.test_set}/{wildcards.outside_run}/{{image}}.tif"
    where = f"methods.{method}.images"
    pattern = files.expand_variables(config["methods"][method]["images"], where=where)
    return outside.filled(pattern, {"test_set": wildcards.test_set})


def outside_made(wildcards):
    """The folder of restored images that was made here, if the run has none that were given."""
    if "images" in config["methods"][outside_method(wildcards)]:
        return []
    return f"<results>/commanded/{wildcards.test_set}/{wildcards.outside_run}"


def outside_images(wildcards):
    """The restored images of a run that were given, if they were not made here."""
    method = outside_method(wildcards)
    if "images" not in config["methods"][method]:
        return []
    return outside.given_files(
        config["methods"][method]["images"],
        test_set=wildcards.test_set,
        where=f"methods.{method}.images",
    )


def files_from_outside():
    """The files that methods from outside of the study are made of, by method."""
    found = {}
    for name in STUDY.outside_methods:
        entry, where = config["methods"][name], f"methods.{name}"
        named = [
            file
            for test_set in STUDY.test_sets
            if "images" in entry
            for file in outside.given_files(
                entry["images"], test_set=test_set, where=f"{where}.images"
            )
        ]
        if "model" in entry:
            named += outside.model_files(entry["model"], where=f"{where}.model")
        if "command" in entry:
            named += outside.command_files(entry["command"], checkout=ROOT).values()
        found[name] = named
    return {name: named for name, named in found.items() if named}


def model_method_files(wildcards):
    """The files of a network of elsewhere: changed, they restore again."""
    name = wildcards.get("model_method") or wildcards.package_method
    return outside.model_files(config["methods"][name]["model"], where=f"methods.{name}.model")


def command_method(wildcards):
    """The method of a command's run."""
    return Run.parse(wildcards.command_run).method


def command_line(wildcards):
    """The words of a command."""
    return config["methods"][command_method(wildcards)]["command"]


def command_seed(wildcards):
    """The seed of a command's run, as a word."""
    return str(Run.parse(wildcards.command_run).seed)


def command_images(wildcards):
    """The images that a command restores, as single planes."""
    return f"<results>/plain/{STUDY.tested(wildcards.test_set)}/test"


def command_train(wildcards):
    """The images that a command learns from, as single planes; none if it does not."""
    train_set = Run.parse(wildcards.command_run).train_set
    if not train_set:
        return []
    dataset = config["train_sets"][train_set]["dataset"]
    return f"<results>/plain/{dataset}/{STUDY.split_of(train_set)}"


def command_files(wildcards):
    """Where the files lie that a command names, by the words that name them."""
    return outside.command_files(command_line(wildcards), checkout=ROOT)


def command_environment(wildcards):
    """The YAML file of a command's conda environment; none if it names none."""
    named = config["methods"][command_method(wildcards)].get("conda")
    return str(outside.located(named, checkout=ROOT).resolve()) if named else None


def command_inputs(wildcards):
    """The files that a command names, and its environment's: changed, they run it again."""
    return [*command_files(wildcards).values(), *filter(None, [command_environment(wildcards)])]


def experiment_runs(wildcards):
    """The folders of restored images of an experiment, one per run."""
    folder = f"<results>/restored/{test_set_of(wildcards)}"
    return [f"{folder}/{run}" for run in STUDY.runs_of(wildcards.experiment)]


def shown_members(wildcards):
    """The networks whose scales a figure of an experiment shows: of all methods, or of one."""
    members = STUDY.shown_members(wildcards.experiment)
    own = wildcards.get("scaled_method")
    return {own: members[own]} if own else members


def member_images(wildcards):
    """The images that the networks restored whose scales figures of an experiment show."""
    members = shown_members(wildcards).values()
    runs = dict.fromkeys(run for runs in members for run in runs)
    return [f"<results>/restored/{test_set_of(wildcards)}/{run}" for run in runs]


def shown_calibration(wildcards):
    """What the scales are worth of the runs that stand for their methods in figures."""
    folder, runs = test_set_of(wildcards), STUDY.shown_runs(wildcards.experiment)
    scaled = shown_members(wildcards)
    return [f"<results>/calibration/{folder}/{runs[name]}.tsv" for name in scaled]


def experiment_curves(wildcards):
    """The curves of sharpness of an experiment, one file per run."""
    folder = f"<results>/sharpness/{test_set_of(wildcards)}"
    return [f"{folder}/{run}.curves.tsv" for run in STUDY.runs_of(wildcards.experiment)]


def scores_of(wildcards):
    """The table of all scores, if the experiment has a truth to score by."""
    return "<results>/tables/scores.tsv" if STUDY.is_scored(wildcards.experiment) else []


def posterior_model(wildcards):
    """The network of the run of which one pixel's posterior is drawn."""
    return network_files(STUDY.posterior_run(wildcards.experiment))


def posterior_noise_model(wildcards):
    """The noise model of that run."""
    return noise_model_file(STUDY.posterior_run(wildcards.experiment))


def posterior_restored(wildcards):
    """The images that that run restored."""
    run = STUDY.posterior_run(wildcards.experiment)
    return f"<results>/restored/{test_set_of(wildcards)}/{run.name}"


def looks_cards(wildcards):
    """What the frames of both data sets of a pair are like."""
    return [f"<results>/looks/{name}.json" for name in STUDY.looks_of(wildcards.pair)]


def range_frames(wildcards):
    """What single images of both data sets of a pair are like."""
    return [f"<results>/looks/{name}.frames.tsv" for name in STUDY.looks_of(wildcards.pair)]


def looks_registered(wildcards):
    """The registered pairs of both data sets of a pair."""
    return [f"<results>/registered/{name}" for name in STUDY.looks_of(wildcards.pair)]


def of_runs(pattern, test_sets):
    """A file of every run on each of some test sets."""
    return [
        pattern.format(test_set=name, run=run) for name in test_sets for run in STUDY.runs_on(name)
    ]


def of_networks(name):
    """A file of every trained network that some experiment needs."""
    return [
        f"<results>/models/{run.train_set}/{run.method}/seed{run.seed}/{name}"
        for run in STUDY.networks
    ]


def validating_filters(wildcards):
    """The settings of the filters that networks of a train set are held against."""
    named = STUDY.validating_filters(wildcards.train_set)
    return {name: config["methods"][name] for name in named}


def validations(wildcards):
    """The scores of every network that is held against filters."""
    return [
        f"<results>/models/{run.train_set}/{run.method}/seed{run.seed}/validation.tsv"
        for run in STUDY.validated
    ]


def published_sources():
    """Title and DOI of the published images that the study uses, by the name of the source."""
    catalogue_of = {name: entry["catalogue"] for name, entry in config.get("sources", {}).items()}
    read = {name: catalogues.read_catalogue(path) for name, path in catalogue_of.items()}
    return {name: {key: told[key] for key in ("title", "doi")} for name, told in read.items()}


def all_figures(wildcards):
    """Every figure, as a picture and for print, and those that move."""
    still = collect("<results>/figures/{name}.{kind}", name=STUDY.figures, kind=["png", "pdf"])
    return still + [f"<results>/figures/{name}.gif" for name in STUDY.moving_figures]


def all_tables(wildcards):
    """Every table; the paper's own, and their audit, where the study names the published numbers."""
    paper = ["<results>/tables/paper"] if "audit" in STUDY.tables else []
    return paper + collect("<results>/tables/{name}.tsv", name=STUDY.tables)


def scored(path):
    """A file that is there only if some experiment has a truth to score by."""
    return path if STUDY.scored else []


def segmented(path):
    """A file that is there only if objects are found in the images of some experiment."""
    return path if STUDY.segmented_experiments else []


def drawn(name, caption, *, category, label):
    """A figure as a picture, which Snakemake's report shows with its caption, and for print."""
    labels = {"figure": label} | {key: f"{{{key}}}" for key in re.findall(r"{(\w+)}", name)}
    options = {"caption": f"../report/{caption}.rst", "category": category, "labels": labels}
    picture = report(f"<results>/figures/{name}.png", **options)
    return {"png": picture, "pdf": f"<results>/figures/{name}.pdf"}


def tabulated(name, caption, *, label, subcategory="This study's"):
    """A table for programs, which Snakemake's report shows with its caption, and set for print."""
    options = {"category": "Tables", "subcategory": subcategory, "labels": {"table": label}}
    file = report(f"<results>/tables/{name}.tsv", caption=f"../report/{caption}.rst", **options)
    return {"tsv": file, "md": f"<results>/tables/{name}.md", "tex": f"<results>/tables/{name}.tex"}
