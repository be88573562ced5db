"""Score every run on every test set by one rule, and list the experiments.

Out: scores/{test_set}/{run}.tsv, a row per image, convention and metric; tables/experiments.tsv.
"""


rule score:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
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
        conventions=config["conventions"],
        identity=run_identity,
        code=code("score"),
    message:
        "Scoring {wildcards.run} on {wildcards.test_set}."
    script:
        "../scripts/score.py"


rule list_experiments:
    input:
        registered=collect("<results>/registered/{dataset}", dataset=DATASETS),
    output:
        "<results>/tables/experiments.tsv",
    log:
        "<results>/logs/list_experiments.log",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        settings={key: config[key] for key in ("experiments", "train_sets", "test_sets")},
        datasets=DATASETS,
        simulated=SIMULATED,
        code=code("list_experiments"),
    message:
        "Listing the experiments."
    script:
        "../scripts/list_experiments.py"
