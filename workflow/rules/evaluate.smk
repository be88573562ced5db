"""Score every run on every test set by one rule, and list the experiments.

Out: checks/conventions/{test_set}.tsv, which score conventions have a meaning for a test set;
     scores/{test_set}/{run}.tsv, a row per image, convention and metric; tables/experiments.tsv;
     sharpness/{test_set}/{run}.tsv, a row per image and quantity, and {run}.curves.tsv.
"""


rule check_conventions:
    input:
        registered=test_pairs,
    output:
        "<results>/checks/conventions/{test_set}.tsv",
    log:
        "<results>/logs/check_conventions/{test_set}.log",
    benchmark:
        "<results>/benchmarks/check_conventions/{test_set}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        conventions=config["conventions"],
        outside=test_outside,
        code=code("check_conventions"),
    message:
        "Finding the score conventions that have a meaning for {wildcards.test_set}."
    script:
        "../scripts/check_conventions.py"


rule score:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
        conventions="<results>/checks/conventions/{test_set}.tsv",
    output:
        "<results>/scores/{test_set}/{run}.tsv",
    log:
        "<results>/logs/score/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/score/{test_set}/{run}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        outside=test_outside,
        code=code("score"),
    message:
        "Scoring {wildcards.run} on {wildcards.test_set}."
    script:
        "../scripts/score.py"


rule measure_sharpness:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
    output:
        values="<results>/sharpness/{test_set}/{run}.tsv",
        curves="<results>/sharpness/{test_set}/{run}.curves.tsv",
    log:
        "<results>/logs/measure_sharpness/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/measure_sharpness/{test_set}/{run}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        outside=test_outside,
        averaged=test_averaged,
        code=code("measure_sharpness"),
    message:
        "Measuring how sharp {wildcards.run} leaves {wildcards.test_set}."
    script:
        "../scripts/measure_sharpness.py"


rule list_experiments:
    input:
        registered=collect("<results>/registered/{dataset}", dataset=STUDY.studied),
    output:
        report(
            "<results>/tables/experiments.tsv",
            caption="../report/experiments.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Experiments"},
        ),
    log:
        "<results>/logs/list_experiments.log",
    benchmark:
        "<results>/benchmarks/list_experiments.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        settings={key: config[key] for key in ("experiments", "train_sets", "test_sets")},
        datasets=STUDY.studied,
        simulated=STUDY.simulated,
        code=code("list_experiments"),
    message:
        "Listing the experiments."
    script:
        "../scripts/list_experiments.py"
