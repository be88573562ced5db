"""Hold what every run took away against the noise: was structure invented or erased?

Out: residuals/{test_set}.tsv, a row per run and image; tables/residuals.tsv, all of them;
     figures/residuals-{experiment}, maps of one image.
"""


rule examine_residuals:
    input:
        registered=test_pairs,
        restored=tested_runs,
        card=test_noise_card,
    output:
        "<results>/residuals/{test_set}.tsv",
    log:
        "<results>/logs/examine_residuals/{test_set}.log",
    benchmark:
        "<results>/benchmarks/examine_residuals/{test_set}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        identities=ask(STUDY.identities),
        settings=STUDY.residual_settings,
        outside=test_outside,
        code=code("examine_residuals"),
    message:
        "Holding what was taken from {wildcards.test_set} against its noise."
    script:
        "../scripts/examine_residuals.py"


rule gather_residuals:
    input:
        collect("<results>/residuals/{test_set}.tsv", test_set=STUDY.examined_sets),
    output:
        report(
            "<results>/tables/residuals.tsv",
            caption="../report/residuals.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Residuals of every image"},
        ),
    log:
        "<results>/logs/gather_residuals.log",
    benchmark:
        "<results>/benchmarks/gather_residuals.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code("gather_residuals"),
    message:
        "Gathering the residuals of every run into one table."
    script:
        "../scripts/gather_residuals.py"


rule draw_residuals:
    input:
        registered=test_pairs,
        restored=experiment_runs,
        card=test_noise_card,
        residuals="<results>/tables/residuals.tsv",
    output:
        **drawn(
            "residuals-{experiment}",
            "residuals_plot",
            category="Restorations",
            label="Invented or erased",
        ),
    log:
        "<results>/logs/draw_residuals/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_residuals/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        runs=ask(STUDY.shown_runs),
        settings=STUDY.residual_settings,
        pixel_size_um=test_pixel_size,
        outside=test_outside,
        code=code("draw_residuals"),
    message:
        "Mapping what was invented and erased in one image of {wildcards.experiment}."
    script:
        "../scripts/draw_residuals.py"
