"""Gather the scores, average them, test the methods against the reference, set the paper's tables.

Out: tables/scores.tsv, summary, comparisons, conventions, audit, regimes (.tsv, .md and .tex),
     and tables/paper/.
"""

PRINTED_TABLES = [
    f"{config['published']}/{table}.csv" for table in printed.COLUMNS if STUDY.audited
]
PUBLISHED_TABLES = PRINTED_TABLES + (["<results>/tables/audit.tsv"] if PRINTED_TABLES else [])


rule gather_scores:
    input:
        of_runs("<results>/scores/{test_set}/{run}.tsv", STUDY.scored_sets),
    output:
        report(
            "<results>/tables/scores.tsv",
            caption="../report/scores.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Scores of every image"},
        ),
    log:
        "<results>/logs/gather_scores.log",
    benchmark:
        "<results>/benchmarks/gather_scores.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code("gather_scores"),
    message:
        "Gathering the scores of every run into one table."
    script:
        "../scripts/gather_scores.py"


rule summarise:
    input:
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("summary", "summary", label="Mean scores"),
    log:
        "<results>/logs/summarise.log",
    benchmark:
        "<results>/benchmarks/summarise.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.score_settings,
        code=code("summarise"),
    message:
        "Averaging the scores of every method in every experiment."
    script:
        "../scripts/summarise.py"


rule compare:
    input:
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("comparisons", "comparisons", label="Paired tests"),
    log:
        "<results>/logs/compare.log",
    benchmark:
        "<results>/benchmarks/compare.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings={**STUDY.score_settings, "statistics": STUDY.test_settings},
        code=code("compare"),
    message:
        "Testing every method against {params.settings[statistics][references]}."
    script:
        "../scripts/compare.py"


rule compare_conventions:
    input:
        summary="<results>/tables/summary.tsv",
        checks=collect("<results>/checks/conventions/{test_set}.tsv", test_set=STUDY.scored_sets),
    output:
        **tabulated("conventions", "conventions", label="Mean scores and ranks by convention"),
        left_out=report(
            "<results>/tables/conventions-left-out.tsv",
            caption="../report/conventions_left_out.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Conventions without a meaning"},
        ),
    log:
        "<results>/logs/compare_conventions.log",
    benchmark:
        "<results>/benchmarks/compare_conventions.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        main=config["conventions"][0],
        code=code("compare_conventions"),
    message:
        "Comparing the conventions: how far they move scores and ranks."
    script:
        "../scripts/compare_conventions.py"


rule gather_sharpness:
    input:
        measured=of_runs("<results>/sharpness/{test_set}/{run}.tsv", STUDY.scored_sets),
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("sharpness", "sharpness_table", label="How sharp the images are"),
    log:
        "<results>/logs/gather_sharpness.log",
    benchmark:
        "<results>/benchmarks/gather_sharpness.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        outside=STUDY.outside_methods,
        code=code("gather_sharpness"),
    message:
        "Averaging how sharp every method's images are."
    script:
        "../scripts/gather_sharpness.py"


rule compare_regimes:
    input:
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
        printed=config.get("published_regimes", {}).get("table", []),
    output:
        **tabulated("regimes", "regimes", label="PSNR by noise regime"),
    log:
        "<results>/logs/compare_regimes.log",
    benchmark:
        "<results>/benchmarks/compare_regimes.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings={"methods": STUDY.methods, "regimes": STUDY.regimes},
        code=code("compare_regimes"),
    message:
        "Setting the scores by noise regime beside the printed ones."
    script:
        "../scripts/compare_regimes.py"


rule compare_claims:
    input:
        printed=STUDY.claims_files,
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
        segmentation=segmented("<results>/tables/segmentation.tsv"),
        segmentation_tests=segmented("<results>/tables/segmentation-tests.tsv"),
        calibration="<results>/tables/calibration.tsv" if STUDY.calibrated else [],
        isotropy="<results>/tables/isotropy.tsv" if STUDY.whole_sparse_sets else [],
        resolution="<results>/tables/resolution.tsv" if STUDY.sharp_sets else [],
    output:
        **tabulated("claims", "claims", label="CARE's claims", subcategory="The paper's"),
    log:
        "<results>/logs/compare_claims.log",
    benchmark:
        "<results>/benchmarks/compare_claims.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        asked=STUDY.claimed,
        settings=STUDY.claim_settings,
        code=code("compare_claims"),
    message:
        "Holding the paper's claims against this study's tables."
    script:
        "../scripts/compare_claims.py"


rule audit:
    input:
        PRINTED_TABLES,
    output:
        **tabulated(
            "audit", "audit", label="Audit of the printed values", subcategory="The paper's"
        ),
    log:
        "<results>/logs/audit.log",
    benchmark:
        "<results>/benchmarks/audit.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code("audit"),
    message:
        "Recomputing the paper's means, gains and p-values from its own rows."
    script:
        "../scripts/audit.py"


rule paper_tables:
    input:
        scores="<results>/tables/scores.tsv",
        experiments="<results>/tables/experiments.tsv",
        comparisons="<results>/tables/comparisons.tsv",
        published=PUBLISHED_TABLES,
    output:
        report(
            directory("<results>/tables/paper"),
            patterns=["{name}.md"],
            caption="../report/paper_table.rst",
            category="Tables",
            subcategory="The paper's",
            labels={"table": "{name}"},
        ),
    log:
        "<results>/logs/paper_tables.log",
    benchmark:
        "<results>/benchmarks/paper_tables.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        settings=STUDY.score_settings,
        code=code("paper_tables"),
    message:
        "Setting the paper's tables with this study's numbers beside the printed ones."
    script:
        "../scripts/paper_tables.py"
