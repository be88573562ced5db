"""Write the page that a person reads.

In: tables, figures, pictures to compare, model cards, pair quality, seconds of every job.
Out: viewer/{experiment}/, the pictures to compare; report.html, one file with all in it; verdict.txt,
which method to use, a line per experiment.
"""


rule prepare_viewer:
    input:
        registered=test_pairs,
        restored=experiment_runs,
        members=member_images,
        scores=scores_of,
        experiments="<results>/tables/experiments.tsv",
    output:
        directory("<results>/viewer/{experiment}"),
    log:
        "<results>/logs/prepare_viewer/{experiment}.log",
    benchmark:
        "<results>/benchmarks/prepare_viewer/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        runs=ask(STUDY.shown_runs),
        # A scene of up to so many pixels a side is embedded; the page stays small enough to send.
        # Interval widths are those of this level.
        settings={**STUDY.image_settings, "side_px": 512, "level": 0.9},
        members=ask(STUDY.shown_members),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        code=code("prepare_viewer"),
    message:
        "Preparing the pictures of {wildcards.experiment} that the page compares."
    script:
        "../scripts/prepare_viewer.py"


rule write_report:
    input:
        experiments="<results>/tables/experiments.tsv",
        scores=scored("<results>/tables/scores.tsv"),
        summary=scored("<results>/tables/summary.tsv"),
        comparisons=scored("<results>/tables/comparisons.tsv"),
        compared=scored("<results>/tables/conventions.tsv"),
        sharpness=scored("<results>/tables/sharpness.tsv"),
        calibration="<results>/tables/calibration.tsv" if STUDY.calibrated else [],
        residuals="<results>/tables/residuals.tsv" if STUDY.examined_sets else [],
        isotropy="<results>/tables/isotropy.tsv" if STUDY.whole_sparse_sets else [],
        depth="<results>/tables/depth.tsv" if STUDY.known_sheet_sets else [],
        resolution="<results>/tables/resolution.tsv" if STUDY.sharp_sets else [],
        controls="<results>/tables/controls.tsv" if STUDY.controlled else [],
        segmentation=segmented("<results>/tables/segmentation.tsv"),
        segmentation_tests=segmented("<results>/tables/segmentation-tests.tsv"),
        pipelines=[f"<results>/segmentation/{name}/settings.json" for name in STUDY.segmentations],
        without_truth="<results>/tables/without-truth.tsv" if STUDY.halved_sets else [],
        least_light="<results>/tables/least-light.tsv" if STUDY.sweeps else [],
        left_out=scored("<results>/tables/conventions-left-out.tsv"),
        published=scored(PUBLISHED_TABLES),
        paper=scored("<results>/tables/paper" if PUBLISHED_TABLES else []),
        figures=all_figures,
        viewer=collect("<results>/viewer/{experiment}", experiment=config["experiments"]),
        cards=of_networks("card.json"),
        validation=validations,
        filtered=[
            f"<results>/restored/{name}/{run}"
            for name in STUDY.test_sets
            for run in STUDY.runs_on(name)
            if run in STUDY.filter_methods
        ],
        outside=[
            f"<results>/restored/{name}/{run}"
            for name in STUDY.test_sets
            for run in STUDY.runs_on(name)
            if run in STUDY.outside_runs
        ],
        apart="<results>/checks/apart.tsv",
        looks="<results>/tables/looks.tsv" if STUDY.looks else [],
        ranges="<results>/tables/ranges.tsv" if STUDY.ranges else [],
        regimes="<results>/tables/regimes.tsv" if STUDY.regimes else [],
        claims=scored("<results>/tables/claims.tsv" if STUDY.claims_files else []),
        noise=collect("<results>/noise_cards/{dataset}.json", dataset=STUDY.studied),
        registered=collect("<results>/registered/{dataset}", dataset=config["datasets"]),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/page.rst",
            category="The page",
            labels={"page": "Results in words, tables and pictures"},
        ),
        verdict="<results>/verdict.txt",
        methods="<results>/methods.md",
        references="<results>/references.bib",
    log:
        "<results>/logs/write_report.log",
    benchmark:
        "<results>/benchmarks/write_report.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=4000,
        runtime="10m",
    params:
        settings=STUDY.score_settings,
        study=dict(config),
        sources=published_sources(),
        networks=asked_networks,
        config_files=CONFIG_FILES,
        # Benchmarks of what the study no longer has are left there.
        names=sorted(job_names()),
        published_sums={
            file: entry["sha256"] for file, entry in SOURCE_FILES.items() if "sha256" in entry
        },
        template=[
            provenance.file_sha256(file)
            for file in sorted((LIBRARY / "report" / "templates").iterdir())
        ],
        code=code("write_report"),
    message:
        "Writing the page."
    script:
        "../scripts/write_report.py"
