"""Hold the scales that networks predict against the truth, before and after calibration.

Out: kept/{train_set}/{method}.seed{seed}/, images kept from training as a network restored them;
     calibration/{test_set}/{run}.tsv, a row per image and quantity; tables/calibration.*, means.
"""


rule restore_kept:
    input:
        unpack(network_files),
        registered=train_pairs,
    output:
        directory("<results>/kept/{train_set}/{method}.seed{seed}"),
    log:
        "<results>/logs/restore_kept/{train_set}/{method}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/restore_kept/{train_set}/{method}/seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.scaled_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        settings=STUDY.kept_settings,
        prediction=config["prediction"],
        as_patches=train_as_patches,
        outside=train_outside,
        code=kept_code,
    message:
        "Restoring what {wildcards.method} was not trained on, of {wildcards.train_set}."
    script:
        "../scripts/restore_kept.py"


rule measure_calibration:
    input:
        registered=test_pairs,
        restored=calibrated_images,
        kept=kept_images,
    output:
        "<results>/calibration/{test_set}/{run}.tsv",
    log:
        "<results>/logs/measure_calibration/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/measure_calibration/{test_set}/{run}.tsv"
    wildcard_constraints:
        run=one_of(dict.fromkeys(run for _, run in STUDY.calibrated)),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        identity=ask(STUDY.identity),
        # How many pixels may be missed, on average over images; how many bands of brightness.
        settings={"alpha": 0.1, "bands": 4},
        outside=test_outside,
        code=code("measure_calibration"),
    message:
        "Holding the scales that {wildcards.run} predicts of {wildcards.test_set} against the truth."
    script:
        "../scripts/measure_calibration.py"


rule gather_calibration:
    input:
        measured=[f"<results>/calibration/{name}/{run}.tsv" for name, run in STUDY.calibrated],
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("calibration", "calibration", label="What predicted scales are worth"),
    log:
        "<results>/logs/gather_calibration.log",
    benchmark:
        "<results>/benchmarks/gather_calibration.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        code=code("gather_calibration"),
    message:
        "Averaging what predicted scales are worth."
    script:
        "../scripts/gather_calibration.py"
