"""Two controls of every method: pure noise in, and a flat field in.

Out: controls/{test_set}/, images of pure noise at the test set's background and of a flat field at
     its mean, laid out as registered pairs are; restored/{test_set}.controls/{run}/, by the rules
     that restore test sets; tables/controls.tsv, a row per run; figures/controls-{experiment}.
"""


rule make_controls:
    input:
        registered=test_pairs,
        card=test_noise_card,
    output:
        directory("<results>/controls/{test_set}"),
    log:
        "<results>/logs/make_controls/{test_set}.log",
    benchmark:
        "<results>/benchmarks/make_controls/{test_set}.tsv"
    wildcard_constraints:
        test_set=one_of(STUDY.control_sets.values()),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        settings=lambda wildcards: STUDY.control_settings,
        pixel_size_um=test_pixel_size,
        outside=test_outside,
        code=code("make_controls"),
    message:
        "Making pure noise and flat fields like {wildcards.test_set}."
    script:
        "../scripts/make_controls.py"


rule measure_controls:
    input:
        made=collect("<results>/controls/{test_set}", test_set=STUDY.control_sets.values()),
        restored=of_runs("<results>/restored/{test_set}/{run}", STUDY.control_sets),
    output:
        report(
            "<results>/tables/controls.tsv",
            caption="../report/controls.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Pure noise and flat fields"},
        ),
    log:
        "<results>/logs/measure_controls.log",
    benchmark:
        "<results>/benchmarks/measure_controls.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        identities={
            f"{name}/{run}": STUDY.identity(run, asked)
            for name, asked in STUDY.control_sets.items()
            for run in STUDY.runs_on(name)
        },
        sigma_px=STUDY.residual_settings["sigma_px"],
        code=code("measure_controls"),
    message:
        "Measuring what methods make of pure noise and of flat fields."
    script:
        "../scripts/measure_controls.py"


rule draw_controls:
    input:
        made=lambda wildcards: f"<results>/controls/{test_set_of(wildcards)}",
        restored=experiment_controls,
    output:
        **drawn(
            "controls-{experiment}",
            "controls_plot",
            category="Restorations",
            label="Pure noise and flat fields",
        ),
    log:
        "<results>/logs/draw_controls/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_controls/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        runs=ask(STUDY.controlled_runs),
        code=code("draw_controls"),
    message:
        "Drawing what methods of {wildcards.experiment} make of pure noise and of a flat field."
    script:
        "../scripts/draw_controls.py"
