"""Find objects in what every run restored, and score them by labels: what is restoration worth?

Out: labels/{dataset}/<image>.tif, of simulated volumes or the user's own, or those of the whole
     stacks that planes are left out of;
     segmentation/{segmentation}/settings.json, chosen on labelled images that are not tested, and
     tried.tsv, a row per candidate; segmented/{segmentation}/{test_set}/{run}/<image>.tif, the
     objects found, and scores.tsv, a row per image and measure;
     tables/segmentation.*, means; tables/segmentation-tests.*, against the best filter; the figure.
"""


rule draw_labels:
    output:
        directory("<results>/labels/{dataset}"),
    log:
        "<results>/logs/draw_labels/{dataset}.log",
    benchmark:
        "<results>/benchmarks/draw_labels/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.drawn_labels),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        settings=lookup(dpath="datasets/{dataset}/simulate", within=config),
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        z_spacing_um=lookup(dpath="datasets/{dataset}/z_spacing_um", within=config, default=None),
        code=draw_labels_code,
    message:
        "Drawing the labels of {wildcards.dataset}."
    script:
        "../scripts/draw_labels.py"


rule take_labels:
    input:
        registered="<results>/registered/{dataset}",
    output:
        directory("<results>/labels/{dataset}"),
    log:
        "<results>/logs/take_labels/{dataset}.log",
    benchmark:
        "<results>/benchmarks/take_labels/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.own_labels),
    conda:
        "../../envs/formats.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        pattern=lookup(dpath="datasets/{dataset}/labels", within=config),
        own=own_label_files,
        content=content_of(own_label_files),
        code=code("take_labels"),
    message:
        "Taking the labels of {wildcards.dataset}."
    script:
        "../scripts/take_labels.py"


rule cut_labels:
    input:
        registered="<results>/registered/{dataset}",
        labels=labels_of_whole,
    output:
        directory("<results>/labels/{dataset}"),
    log:
        "<results>/logs/cut_labels/{dataset}.log",
    benchmark:
        "<results>/benchmarks/cut_labels/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.sparse),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        code=code("cut_labels"),
    message:
        "Cutting the labels of {wildcards.dataset} to the planes that are restored."
    script:
        "../scripts/cut_labels.py"


rule choose_segmentation:
    input:
        registered=choosing_pairs,
        labels=choosing_labels,
    output:
        settings="<results>/segmentation/{segmentation}/settings.json",
        tried="<results>/segmentation/{segmentation}/tried.tsv",
    log:
        "<results>/logs/choose_segmentation/{segmentation}.log",
    benchmark:
        "<results>/benchmarks/choose_segmentation/{segmentation}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        settings=chosen_settings,
        sizes=choosing_sizes,
        code=code("choose_segmentation"),
    message:
        "Choosing the settings of the segmentation {wildcards.segmentation}."
    script:
        "../scripts/choose_segmentation.py"


rule segment:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
        labels=test_labels,
        settings="<results>/segmentation/{segmentation}/settings.json",
    output:
        directory("<results>/segmented/{segmentation}/{test_set}/{run}"),
    log:
        "<results>/logs/segment/{segmentation}/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/segment/{segmentation}/{test_set}/{run}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        code=code("segment"),
    message:
        "Finding objects in {wildcards.test_set} as {wildcards.run} restored it."
    script:
        "../scripts/segment.py"


rule gather_segmentation:
    input:
        measured=collect_segmented,
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("segmentation", "segmentation", label="What restoration is worth downstream"),
        tests=report(
            "<results>/tables/segmentation-tests.tsv",
            caption="../report/segmentation_tests.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Objects found, against the best filter"},
        ),
    log:
        "<results>/logs/gather_segmentation.log",
    benchmark:
        "<results>/benchmarks/gather_segmentation.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.segmentation_settings,
        code=code("gather_segmentation"),
    message:
        "Comparing the objects found with those that the best filter shows."
    script:
        "../scripts/gather_segmentation.py"


rule draw_segmentation:
    input:
        registered=test_pairs,
        restored=experiment_runs,
        segmented=experiment_objects,
        labels=test_labels,
        scores=scores_of,
        experiments="<results>/tables/experiments.tsv",
    output:
        **drawn(
            "segmentation-{segmentation}.{experiment}",
            "segmentation_plot",
            category="Restorations",
            label="Objects found",
        ),
    log:
        "<results>/logs/draw_segmentation/{segmentation}.{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_segmentation/{segmentation}.{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="10m",
    params:
        runs=ask(STUDY.shown_runs),
        settings=STUDY.image_settings,
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        code=code("draw_segmentation"),
    message:
        "Drawing the objects found in {wildcards.experiment}."
    script:
        "../scripts/draw_segmentation.py"
