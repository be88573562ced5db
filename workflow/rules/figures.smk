"""Draw the figures, each as PNG and as PDF.

In: registered and restored images, tables. Out: figures/.
"""


rule draw_exposures:
    input:
        registered=test_pairs,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        png=report(
            "<results>/figures/figure-1-{experiment}.png",
            caption="../report/exposures.rst",
            category="Figures of the paper",
            labels={"figure": "1", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/figure-1-{experiment}.pdf",
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
        png=report(
            "<results>/figures/figure-2-{experiment}.png",
            caption="../report/restoration.rst",
            category="Figures of the paper",
            labels={"figure": "2", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/figure-2-{experiment}.pdf",
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
        png=report(
            "<results>/figures/montage-{experiment}.png",
            caption="../report/montage.rst",
            category="Restorations",
            labels={"figure": "Montage", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/montage-{experiment}.pdf",
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
        png=report(
            "<results>/figures/restored-{experiment}.png",
            caption="../report/restored.rst",
            category="Restorations",
            labels={"figure": "Without truth", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/restored-{experiment}.pdf",
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
        png=report(
            "<results>/figures/scores-{experiment}.png",
            caption="../report/score_plot.rst",
            category="Scores",
            labels={"figure": "Scores per image", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/scores-{experiment}.pdf",
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
        png=report(
            "<results>/figures/conventions.png",
            caption="../report/conventions_plot.rst",
            category="Scores",
            labels={"figure": "Conventions"},
        ),
        pdf="<results>/figures/conventions.pdf",
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
        png=report(
            "<results>/figures/regimes.png",
            caption="../report/regimes_plot.rst",
            category="Scores",
            labels={"figure": "Noise regimes"},
        ),
        pdf="<results>/figures/regimes.pdf",
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
        png=report(
            "<results>/figures/sharpness-{experiment}.png",
            caption="../report/sharpness.rst",
            category="Is it sharper?",
            labels={"figure": "Sharpness", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/sharpness-{experiment}.pdf",
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


rule draw_learning_curves:
    input:
        of_networks("history.tsv"),
    output:
        png=report(
            "<results>/figures/learning-curves.png",
            caption="../report/learning_curves.rst",
            category="Training",
            labels={"figure": "Learning curves"},
        ),
        pdf="<results>/figures/learning-curves.pdf",
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
        png=report(
            "<results>/figures/posterior-{experiment}.png",
            caption="../report/posterior.rst",
            category="Restorations",
            labels={"figure": "One pixel's posterior", "experiment": "{experiment}"},
        ),
        pdf="<results>/figures/posterior-{experiment}.pdf",
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
