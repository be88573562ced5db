"""Describe the finished study for others, and for their programs: a Workflow Run RO-Crate.

Out: ro-crate-metadata.json, what ran on what, what it gave and when; code/, a copy of the workflow
     and the library; settings.yaml, the study as it ran; tables.zip, all tables.
"""

TABLES_READ = [
    *dict.fromkeys(entry["pairs"] for entry in config["datasets"].values() if "pairs" in entry),
    *PRINTED_TABLES,
    *STUDY.claims_files,
    *[config["published_regimes"]["table"] for _ in STUDY.regimes][:1],
]


rule describe_run:
    input:
        page="<results>/report.html",
        tables=all_tables,
        figures=all_figures,
        cards=of_networks("card.json"),
        notes=of_networks("prediction.json"),
        restored=of_runs("<results>/restored/{test_set}/{run}", STUDY.test_sets),
        registered=collect("<results>/registered/{dataset}", dataset=config["datasets"]),
        labels=collect("<results>/labels/{dataset}", dataset=STUDY.taken_labels),
    output:
        crate=report(
            "<results>/ro-crate-metadata.json",
            caption="../report/crate.rst",
            category="Provenance",
            labels={"record": "Workflow Run RO-Crate"},
        ),
        settings="<results>/settings.yaml",
        tables="<results>/tables.zip",
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
        tables_read=TABLES_READ,
        outside=files_from_outside(),
        content=CONTENTS.of([*TABLES_READ, *sum(files_from_outside().values(), [])]),
        # Benchmarks of what the study no longer has are left there.
        names=sorted(job_names()),
        code=code("describe_run"),
    message:
        "Describing the run: code, settings, inputs and results with their sha256."
    script:
        "../scripts/describe_run.py"
