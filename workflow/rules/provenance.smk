"""Describe the finished study for others, and for their programs: a Workflow Run RO-Crate.

Out: ro-crate-metadata.json, what ran on what, what it gave and when; code/, a copy of the workflow
     and the library; settings.yaml, the study as it ran.
"""


rule describe_run:
    input:
        page="<results>/report.html",
        tables=all_tables,
        figures=all_figures,
        cards=all_cards,
        notes=all_notes,
        restored=collect(
            "<results>/restored/{run_on}",
            run_on=[f"{test_set}/{run}" for test_set in TEST_SETS for run in runs_on(test_set)],
        ),
        registered=collect("<results>/registered/{dataset}", dataset=DATASETS),
        tables_read=[
            *dict.fromkeys(
                entry["pairs"] for entry in config["datasets"].values() if "pairs" in entry
            ),
            *PRINTED_TABLES,
            *[config["published_regimes"]["table"] for _ in REGIMES][:1],
        ],
    output:
        crate=report(
            "<results>/ro-crate-metadata.json",
            caption="../report/crate.rst",
            category="Provenance",
            labels={"record": "Workflow Run RO-Crate"},
        ),
        settings="<results>/settings.yaml",
        code=directory("<results>/code"),
    log:
        "<results>/logs/describe_run.log",
    benchmark:
        "<results>/benchmarks/describe_run.tsv"
    conda:
        "../../envs/provenance.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        study=dict(config),
        # Benchmarks of what the study no longer has are left there.
        names=sorted(job_names()),
        code=code("describe_run"),
    message:
        "Describing the run: code, settings, inputs and results with their sha256."
    script:
        "../scripts/describe_run.py"
