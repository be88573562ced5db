"""Thin the short exposures of a data set, as if there had been less light, and score by the rest.

Out: thinned/{dataset}/images/{low,high}/<image>.tif, pairs.tsv, the table of their pairs, and
     light.tsv, a row per image: the camera's gain, photons, and noise;
     without_truth/{test_set}/{run}.tsv, a row per image: the error by the rest of the light, less
     its noise; tables/without-truth.*, means and ranks.
"""


rule thin:
    input:
        thinned_of,
    output:
        images=directory("<results>/thinned/{dataset}/images"),
        pairs="<results>/thinned/{dataset}/pairs.tsv",
        light="<results>/thinned/{dataset}/light.tsv",
    log:
        "<results>/logs/thin/{dataset}.log",
    benchmark:
        "<results>/benchmarks/thin/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.thinned),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        settings=lookup(dpath="datasets/{dataset}/thin", within=config),
        code=code("thin"),
    message:
        "Thinning the light of {wildcards.dataset}."
    script:
        "../scripts/thin.py"


rule score_without_truth:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
        light=test_light,
    output:
        "<results>/without_truth/{test_set}/{run}.tsv",
    log:
        "<results>/logs/score_without_truth/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/score_without_truth/{test_set}/{run}.tsv"
    wildcard_constraints:
        test_set=one_of(STUDY.halved_sets),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        code=code("score_without_truth"),
    message:
        "Scoring {wildcards.run} on {wildcards.test_set} by the rest of the light."
    script:
        "../scripts/score_without_truth.py"


rule rank_without_truth:
    input:
        measured=of_runs("<results>/without_truth/{test_set}/{run}.tsv", STUDY.halved_sets),
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("without-truth", "without_truth", label="Methods ranked without a truth"),
    log:
        "<results>/logs/rank_without_truth.log",
    benchmark:
        "<results>/benchmarks/rank_without_truth.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        outside=STUDY.outside_methods,
        code=code("rank_without_truth"),
    message:
        "Ranking the methods by the light that they were not shown."
    script:
        "../scripts/rank_without_truth.py"
