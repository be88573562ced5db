"""Find how low the light can go: the same images at several doses, restored, scored and compared.

Out: light/{dataset}.tsv, photons per pixel of each image to test on;
     tables/dose.tsv, means by dose; tables/least-light.*, the light that is enough; the figure.
"""


rule measure_light:
    input:
        "<results>/registered/{dataset}",
    output:
        "<results>/light/{dataset}.tsv",
    log:
        "<results>/logs/measure_light/{dataset}.log",
    benchmark:
        "<results>/benchmarks/measure_light/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.swept_datasets),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        code=code("measure_light"),
    message:
        "Counting the photons of {wildcards.dataset}."
    script:
        "../scripts/measure_light.py"


rule gather_dose:
    input:
        scores="<results>/tables/scores.tsv",
        sharpness=of_runs("<results>/sharpness/{test_set}/{run}.tsv", STUDY.swept_sets),
        calibration=[
            f"<results>/calibration/{name}/{run}.tsv"
            for name, run in STUDY.calibrated
            if name in STUDY.swept_sets
        ],
        light=collect("<results>/light/{dataset}.tsv", dataset=STUDY.swept_datasets),
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("least-light", "least_light", label="The least light that is enough"),
        means=report(
            "<results>/tables/dose.tsv",
            caption="../report/dose.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Scores by light"},
        ),
    log:
        "<results>/logs/gather_dose.log",
    benchmark:
        "<results>/benchmarks/gather_dose.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.dose_settings,
        code=code("gather_dose"),
    message:
        "Setting the scores beside the light."
    script:
        "../scripts/gather_dose.py"


rule draw_dose:
    input:
        means="<results>/tables/dose.tsv",
        least="<results>/tables/least-light.tsv",
    output:
        **drawn("dose-{sweep}", "dose", category="Light", label="How low can the light go?"),
    log:
        "<results>/logs/draw_dose/{sweep}.log",
    benchmark:
        "<results>/benchmarks/draw_dose/{sweep}.tsv"
    wildcard_constraints:
        sweep=one_of(STUDY.sweeps),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=lookup(dpath="dose/{sweep}", within=config),
        methods=STUDY.methods,
        code=code("draw_dose"),
    message:
        "Drawing what methods make of less and less light in {wildcards.sweep}."
    script:
        "../scripts/draw_dose.py"
