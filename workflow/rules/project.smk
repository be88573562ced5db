"""Project the sheet that lies in a stack into a plane: data sets whose target is a plane.

Out: simulated/{dataset}/{low,high,height}.tif, stacks, their planes, and how deep the sheet lies;
     sheets/{dataset}/stacks/, the registered stacks, and images/{low,high}/<image>.tif, their maxima
     and truths; pairs.tsv, the table of these pairs, which are registered and scored as planes;
     patches/{train_set}/stacks/, patches of stacks and of planes;
     restored/ as of other networks and filters, and of networks below it {height,spread}/<image>.tif,
     how deep the sheet lies, and the standard deviation of that, both in micrometres; likewise of
     filters that look for it;
     depth/{test_set}/{run}.tsv, a row per image and quantity of simulated stacks, whose surface is
     known; tables/depth.*; figures depth-{experiment}.
"""


rule simulate_sheets:
    output:
        low="<results>/simulated/{dataset}/low.tif",
        high="<results>/simulated/{dataset}/high.tif",
        height="<results>/simulated/{dataset}/height.tif",
        pairs="<results>/simulated/{dataset}/pairs.tsv",
    log:
        "<results>/logs/simulate_sheets/{dataset}.log",
    benchmark:
        "<results>/benchmarks/simulate_sheets/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.simulated_sheets),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=6000,
        runtime="1h",
    params:
        settings=lookup(dpath="datasets/{dataset}/simulate", within=config),
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        z_spacing_um=lookup(dpath="datasets/{dataset}/z_spacing_um", within=config),
        code=code("simulate_sheets"),
    message:
        "Simulating the stacks of {wildcards.dataset}, and the plane of their sheet."
    script:
        "../scripts/simulate_sheets.py"


rule lay_sheets_out:
    input:
        made_pair_files,
    output:
        images=directory("<results>/sheets/{dataset}/images"),
        stacks=directory("<results>/sheets/{dataset}/stacks"),
        pairs="<results>/sheets/{dataset}/pairs.tsv",
    log:
        "<results>/logs/lay_sheets_out/{dataset}.log",
    benchmark:
        "<results>/benchmarks/lay_sheets_out/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.sheets),
    conda:
        "../../envs/formats.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        table=pair_table_file,
        content=content_of(own_pair_files),
        choice=ask(STUDY.choice_of),
        repair=lookup(dpath="datasets/{dataset}/repair", within=config, default=None),
        as_patches=lookup(dpath="datasets/{dataset}/as_patches", within=config, default=False),
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        stride=STUDY.greatest_stride,
        code=code("lay_sheets_out"),
    message:
        "Laying out the stacks of {wildcards.dataset} and the planes of their sheets."
    script:
        "../scripts/lay_sheets_out.py"


rule extract_stacks:
    input:
        registered=train_pairs,
        stacks=train_stacks,
    output:
        directory("<results>/patches/{train_set}/{target}"),
    log:
        "<results>/logs/extract_stacks/{train_set}/{target}.log",
    benchmark:
        "<results>/benchmarks/extract_stacks/{train_set}/{target}.tsv"
    wildcard_constraints:
        target="stacks",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        patch_size=lookup(dpath="train_sets/{train_set}/patch_size", within=config),
        z_spacing_um=train_spacing,
        settings=config["patches"],
        as_patches=train_as_patches,
        code=code("extract_stacks"),
    message:
        "Cutting patches of stacks and planes for {wildcards.train_set}."
    script:
        "../scripts/extract_stacks.py"


rule predict_projection:
    input:
        unpack(network_files),
        registered=test_pairs,
        stacks=test_stacks,
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.seed{seed}"),
    log:
        "<results>/logs/predict_projection/{test_set}/{train_set}.{method}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/predict_projection/{test_set}/{train_set}.{method}.seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.projecting_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        settings=config["prediction"],
        estimate=lookup(dpath="methods/{method}/estimate", within=config, default="restored"),
        pixel_size_um=test_pixel_size,
        z_spacing_um=stack_spacing,
        code=predict_code,
    message:
        "Projecting {wildcards.test_set} with {wildcards.method} trained on {wildcards.train_set}."
    script:
        "../scripts/predict_projection.py"


rule project:
    input:
        registered=test_pairs,
        stacks=test_stacks,
        heights=test_heights,
    output:
        directory("<results>/restored/{test_set}/{filter_method}"),
    log:
        "<results>/logs/project/{test_set}/{filter_method}.log",
    benchmark:
        "<results>/benchmarks/project/{test_set}/{filter_method}.tsv"
    wildcard_constraints:
        filter_method=one_of(STUDY.projecting_filters),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        settings=lookup(dpath="methods/{filter_method}", within=config),
        pixel_size_um=test_pixel_size,
        z_spacing_um=stack_spacing,
        code=code("project", "denoisekit.filters.projection"),
    message:
        "Projecting {wildcards.test_set} with the filter {wildcards.filter_method}."
    script:
        "../scripts/project.py"


rule measure_depth:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
        heights=test_heights,
    output:
        "<results>/depth/{test_set}/{run}.tsv",
    log:
        "<results>/logs/measure_depth/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/measure_depth/{test_set}/{run}.tsv"
    wildcard_constraints:
        test_set=one_of(STUDY.known_sheet_sets),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        code=code("measure_depth"),
    message:
        "Measuring how deep {wildcards.run} finds the sheets of {wildcards.test_set}."
    script:
        "../scripts/measure_depth.py"


rule gather_depth:
    input:
        measured=[
            f"<results>/depth/{test_set}/{run}.tsv"
            for test_set in STUDY.known_sheet_sets
            for run in STUDY.deep_runs_on(test_set)
        ],
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("depth", "depth_table", label="Depth of the sheet"),
    log:
        "<results>/logs/gather_depth.log",
    benchmark:
        "<results>/benchmarks/gather_depth.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        outside=STUDY.outside_methods,
        code=code("gather_depth"),
    message:
        "Averaging how deep every method finds the sheets."
    script:
        "../scripts/gather_depth.py"


rule draw_depth:
    input:
        registered=test_pairs,
        heights=test_heights,
        restored=deep_runs,
    output:
        **drawn(
            "depth-{experiment}", "depth", category="Is it sharper?", label="Depth of the sheet"
        ),
    log:
        "<results>/logs/draw_depth/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_depth/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=ask(STUDY.deep_methods),
        pixel_size_um=test_pixel_size,
        code=code("draw_depth"),
    message:
        "Drawing how deep every method finds a sheet of {wildcards.experiment}."
    script:
        "../scripts/draw_depth.py"
