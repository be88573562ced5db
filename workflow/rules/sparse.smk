"""Leave planes out of stacks, and restore what lies between: isotropic restoration.

Out: sparse/{dataset}/images/{low,high,planes}/<image>.tif, stacks between their planes by linear
     interpolation, the truth there, and the planes that are kept; geometry.json, where that is;
     pairs.tsv, the table of their pairs;
     patches/{train_set}/isotropic{,-published}/, planes, and what they are when made like sections;
     models/ and restored/ as of other networks, with directions/<image>.tif, how far what was
     restored along x and along y lies apart;
     isotropy/{test_set}/{run}.tsv, a row per image and quantity; tables/isotropy.*; the figure.
"""


rule leave_planes_out:
    input:
        registered=sparse_of,
        psf=psf_file,
    output:
        images=directory("<results>/sparse/{dataset}/images"),
        pairs="<results>/sparse/{dataset}/pairs.tsv",
    log:
        "<results>/logs/leave_planes_out/{dataset}.log",
    benchmark:
        "<results>/benchmarks/leave_planes_out/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.sparse),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        settings=lookup(dpath="datasets/{dataset}/sparse", within=config),
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        z_spacing_um=lookup(dpath="datasets/{dataset}/z_spacing_um", within=config),
        stride=STUDY.greatest_stride,
        code=code("leave_planes_out"),
    message:
        "Leaving planes out of the stacks of {wildcards.dataset}."
    script:
        "../scripts/leave_planes_out.py"


rule extract_isotropic:
    input:
        registered=train_pairs,
        planes=train_planes,
    output:
        directory("<results>/patches/{train_set}/{target}"),
    log:
        "<results>/logs/extract_isotropic/{train_set}/{target}.log",
    benchmark:
        "<results>/benchmarks/extract_isotropic/{train_set}/{target}.tsv"
    wildcard_constraints:
        target="isotropic(-published)?",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        patch_size=lookup(dpath="train_sets/{train_set}/patch_size", within=config),
        split=ask(STUDY.split_of),
        settings=config["patches"],
        code=code("extract_isotropic"),
    message:
        "Making planes of {wildcards.train_set} like sections along z."
    script:
        "../scripts/extract_isotropic.py"


rule train_isotropic:
    input:
        unpack(train_files),
    output:
        best="<results>/models/{train_set}/{method}/seed{seed}/best.safetensors",
        last="<results>/models/{train_set}/{method}/seed{seed}/last.safetensors",
        card="<results>/models/{train_set}/{method}/seed{seed}/card.json",
        history="<results>/models/{train_set}/{method}/seed{seed}/history.tsv",
    log:
        "<results>/logs/train_isotropic/{train_set}/{method}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/train_isotropic/{train_set}/{method}/seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.isotropic_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=12000,
        runtime="8h",
    params:
        settings=ask(STUDY.train_settings),
        checkpoint=checkpoint_folder,
        code=train_code,
    message:
        "Training on {wildcards.train_set} with {wildcards.method}, seed {wildcards.seed}."
    script:
        "../scripts/train_isotropic.py"


rule predict_isotropic:
    input:
        unpack(network_files),
        registered=test_pairs,
        planes=test_planes,
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.seed{seed}"),
    log:
        "<results>/logs/predict_isotropic/{test_set}/{train_set}.{method}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/predict_isotropic/{test_set}/{train_set}.{method}.seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.isotropic_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        settings=config["prediction"],
        combine=ask(STUDY.combination),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        code=predict_code,
    message:
        "Restoring {wildcards.test_set} with {wildcards.method} trained on {wildcards.train_set}."
    script:
        "../scripts/predict_isotropic.py"


rule measure_isotropy:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
    output:
        "<results>/isotropy/{test_set}/{run}.tsv",
    log:
        "<results>/logs/measure_isotropy/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/measure_isotropy/{test_set}/{run}.tsv"
    wildcard_constraints:
        test_set=one_of(STUDY.whole_sparse_sets),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        code=code("measure_isotropy"),
    message:
        "Measuring how fine {wildcards.run} leaves {wildcards.test_set} along z and across."
    script:
        "../scripts/measure_isotropy.py"


rule gather_isotropy:
    input:
        measured=of_runs("<results>/isotropy/{test_set}/{run}.tsv", STUDY.whole_sparse_sets),
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("isotropy", "isotropy_table", label="Power along z and across"),
    log:
        "<results>/logs/gather_isotropy.log",
    benchmark:
        "<results>/benchmarks/gather_isotropy.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        outside=STUDY.outside_methods,
        code=code("gather_isotropy"),
    message:
        "Averaging how fine every method's stacks are along z and across."
    script:
        "../scripts/gather_isotropy.py"


rule draw_isotropy:
    input:
        "<results>/tables/isotropy.tsv",
    output:
        **drawn("isotropy-{experiment}", "isotropy", category="Is it sharper?", label="Isotropy"),
    log:
        "<results>/logs/draw_isotropy/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_isotropy/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=ask(STUDY.methods_of),
        code=code("draw_isotropy"),
    message:
        "Drawing power along z and across in {wildcards.experiment}."
    script:
        "../scripts/draw_isotropy.py"
