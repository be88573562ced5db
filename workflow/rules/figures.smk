"""Draw the figures, each as PNG and as PDF.

In: registered and restored images, tables. Out: figures/.
"""


rule draw_exposures:
    input:
        registered=test_pairs,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **drawn("figure-1-{experiment}", "exposures", category="Figures of the paper", label="1"),
    log:
        "<results>/logs/draw_exposures/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_exposures/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.image_settings,
        runs=ask(STUDY.shown_runs),
        pixel_size_um=test_pixel_size,
        code=code("draw_exposures"),
    message:
        "Drawing Figure 1, long and short exposure, for {wildcards.experiment}."
    script:
        "../scripts/draw_exposures.py"


rule draw_restoration:
    input:
        registered=test_pairs,
        restored=experiment_runs,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **drawn("figure-2-{experiment}", "restoration", category="Figures of the paper", label="2"),
    log:
        "<results>/logs/draw_restoration/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_restoration/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.image_settings,
        runs=ask(STUDY.shown_runs),
        pixel_size_um=test_pixel_size,
        code=code("draw_restoration"),
    message:
        "Drawing Figure 2, truth and restoration, for {wildcards.experiment}."
    script:
        "../scripts/draw_restoration.py"


rule draw_montage:
    input:
        registered=test_pairs,
        restored=experiment_runs,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **drawn("montage-{experiment}", "montage", category="Restorations", label="Montage"),
    log:
        "<results>/logs/draw_montage/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_montage/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        settings=STUDY.image_settings | config["figures"],
        runs=ask(STUDY.shown_runs),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        code=code("draw_montage"),
    message:
        "Drawing every method's restoration of one image of {wildcards.experiment}."
    script:
        "../scripts/draw_montage.py"


rule draw_restored:
    input:
        registered=test_pairs,
        restored=experiment_runs,
    output:
        **drawn("restored-{experiment}", "restored", category="Restorations", label="Without truth"),
    log:
        "<results>/logs/draw_restored/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_restored/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        runs=ask(STUDY.shown_runs),
        settings=config["figures"],
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        code=code("draw_restored"),
    message:
        "Drawing every method's restoration of one image without truth of {wildcards.experiment}."
    script:
        "../scripts/draw_restored.py"


rule draw_scores:
    input:
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **drawn("scores-{experiment}", "score_plot", category="Scores", label="Scores per image"),
    log:
        "<results>/logs/draw_scores/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_scores/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.score_settings,
        code=code("draw_scores"),
    message:
        "Drawing the scores of every image of {wildcards.experiment}."
    script:
        "../scripts/draw_scores.py"


rule draw_conventions:
    input:
        "<results>/tables/conventions.tsv",
    output:
        **drawn("conventions", "conventions_plot", category="Scores", label="Conventions"),
    log:
        "<results>/logs/draw_conventions.log",
    benchmark:
        "<results>/benchmarks/draw_conventions.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        main=config["conventions"][0],
        code=code("draw_conventions"),
    message:
        "Drawing how far the score conventions move scores and ranks."
    script:
        "../scripts/draw_conventions.py"


rule draw_regimes:
    input:
        "<results>/tables/regimes.tsv",
    output:
        **drawn("regimes", "regimes_plot", category="Scores", label="Noise regimes"),
    log:
        "<results>/logs/draw_regimes.log",
    benchmark:
        "<results>/benchmarks/draw_regimes.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code("draw_regimes"),
    message:
        "Drawing the scores by noise regime beside the printed ones."
    script:
        "../scripts/draw_regimes.py"


rule draw_sharpness:
    input:
        sharpness="<results>/tables/sharpness.tsv",
        curves=experiment_curves,
    output:
        **drawn("sharpness-{experiment}", "sharpness", category="Is it sharper?", label="Sharpness"),
    log:
        "<results>/logs/draw_sharpness/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_sharpness/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        code=code("draw_sharpness"),
    message:
        "Drawing how sharp every method's images are in {wildcards.experiment}."
    script:
        "../scripts/draw_sharpness.py"


rule draw_calibration:
    input:
        "<results>/tables/calibration.tsv",
    output:
        **drawn(
            "calibration-{experiment}",
            "calibration_plot",
            category="Uncertainty",
            label="Calibration",
        ),
    log:
        "<results>/logs/draw_calibration/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_calibration/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        code=code("draw_calibration"),
    message:
        "Drawing what predicted scales of {wildcards.experiment} are worth."
    script:
        "../scripts/draw_calibration.py"


rule draw_predictions:
    input:
        registered=test_pairs,
        members=member_images,
        measured=shown_calibration,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **drawn("profile-{experiment}", "profile", category="Uncertainty", label="Line profile"),
    log:
        "<results>/logs/draw_predictions/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_predictions/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        settings=STUDY.image_settings,
        runs=ask(STUDY.shown_runs),
        members=ask(STUDY.shown_members),
        # How long the line is at most, and what share of pixels its band should hold.
        line={"length_px": 128, "level": 0.9},
        outside=test_outside,
        pixel_size_um=test_pixel_size,
        code=code("draw_predictions"),
    message:
        "Drawing what is predicted of an image of {wildcards.experiment}."
    script:
        "../scripts/draw_predictions.py"


rule draw_samples:
    input:
        registered=test_pairs,
        members=member_images,
        measured=shown_calibration,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        report(
            "<results>/figures/flicker-{experiment}.{scaled_method}.gif",
            caption="../report/flicker.rst",
            category="Uncertainty",
            labels={"figure": "Samples, {scaled_method}", "experiment": "{experiment}"},
        ),
    log:
        "<results>/logs/draw_samples/{experiment}.{scaled_method}.log",
    benchmark:
        "<results>/benchmarks/draw_samples/{experiment}/{scaled_method}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        settings=STUDY.image_settings,
        runs=ask(STUDY.shown_runs),
        members=shown_members,
        # A part of so many pixels a side, shown twice as large: some 0.5 MB.
        samples={"side_px": 128, "count": 12, "ms": 200, "seed": 0},
        outside=test_outside,
        pixel_size_um=test_pixel_size,
        code=code("draw_samples"),
    message:
        "Drawing samples of what {wildcards.scaled_method} predicts of an image of {wildcards.experiment}."
    script:
        "../scripts/draw_samples.py"


rule draw_learning_curves:
    input:
        of_networks("history.tsv"),
    output:
        **drawn("learning-curves", "learning_curves", category="Training", label="Learning curves"),
    log:
        "<results>/logs/draw_learning_curves.log",
    benchmark:
        "<results>/benchmarks/draw_learning_curves.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code("draw_learning_curves"),
    message:
        "Drawing the losses of every model over its training."
    script:
        "../scripts/draw_learning_curves.py"


rule draw_posterior:
    input:
        registered=test_pairs,
        noise_model=posterior_noise_model,
        pixel="<results>/posterior/{experiment}.json",
    output:
        **drawn(
            "posterior-{experiment}",
            "posterior",
            category="Restorations",
            label="One pixel's posterior",
        ),
    log:
        "<results>/logs/draw_posterior/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_posterior/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        has_truth=ask(STUDY.is_scored),
        pixel_size_um=test_pixel_size,
        code=code("draw_posterior"),
    message:
        "Drawing what is known of one pixel of {wildcards.experiment}."
    script:
        "../scripts/draw_posterior.py"
