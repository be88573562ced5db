"""Measure what the noise of each data set is like, before anything is trained on it.

Out: noise_cards/{dataset}.json, what was measured of which images, or why nothing could be;
     tables/noise.tsv.
"""


rule measure_noise:
    input:
        noise_pairs,
    output:
        "<results>/noise_cards/{dataset}.json",
    log:
        "<results>/logs/measure_noise/{dataset}.log",
    benchmark:
        "<results>/benchmarks/measure_noise/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.studied),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        **STUDY.measured_fields,
        offset=noise_offset,
        outside=lookup(dpath="datasets/{dataset}/outside", within=config, default=None),
        code=code("measure_noise"),
    message:
        "Measuring the noise of {wildcards.dataset}."
    script:
        "../scripts/measure_noise.py"


rule gather_noise:
    input:
        collect("<results>/noise_cards/{dataset}.json", dataset=STUDY.studied),
    output:
        report(
            "<results>/tables/noise.tsv",
            caption="../report/noise.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Noise of every data set"},
        ),
    log:
        "<results>/logs/gather_noise.log",
    benchmark:
        "<results>/benchmarks/gather_noise.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        code=code("gather_noise"),
    message:
        "Gathering the noise of every data set into one table."
    script:
        "../scripts/gather_noise.py"
