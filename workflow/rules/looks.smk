"""Set simulated frames beside measured ones: their noise and their structure, measured alike.

Out: looks/{dataset}.json, what the frames of a data set are like; tables/looks.tsv;
     figures/looks-{pair}.{png,pdf}.
"""

# Pairs, evenly chosen, of those that a data set has: enough to tell, and they fit into memory.
LOOKED_AT = 16


rule measure_looks:
    input:
        "<results>/registered/{dataset}",
    output:
        "<results>/looks/{dataset}.json",
    log:
        "<results>/logs/measure_looks/{dataset}.log",
    benchmark:
        "<results>/benchmarks/measure_looks/{dataset}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime="1h",
    params:
        at_most=LOOKED_AT,
        code=code("measure_looks"),
    message:
        "Measuring what the frames of {wildcards.dataset} look like."
    script:
        "../scripts/measure_looks.py"


rule compare_looks:
    input:
        [f"<results>/looks/{name}.json" for pair in STUDY.looks for name in STUDY.looks_of(pair)],
    output:
        report(
            "<results>/tables/looks.tsv",
            caption="../report/looks.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Simulated beside measured frames"},
        ),
    log:
        "<results>/logs/compare_looks.log",
    benchmark:
        "<results>/benchmarks/compare_looks.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        cameras={pair: STUDY.camera_of(entry["simulated"]) for pair, entry in STUDY.looks.items()},
        code=code("compare_looks"),
    message:
        "Setting what simulated frames look like beside what measured ones do."
    script:
        "../scripts/compare_looks.py"


rule draw_looks:
    input:
        cards=looks_cards,
        registered=looks_registered,
    output:
        **drawn(
            "looks-{pair}",
            "looks",
            category="Simulated beside measured",
            label="Simulated beside measured",
        ),
    log:
        "<results>/logs/draw_looks/{pair}.log",
    benchmark:
        "<results>/benchmarks/draw_looks/{pair}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="10m",
    params:
        pixel_sizes_um=ask(STUDY.looks_pixel_sizes),
        at_most=LOOKED_AT,
        code=code("draw_looks"),
    message:
        "Drawing simulated frames beside measured ones for {wildcards.pair}."
    script:
        "../scripts/draw_looks.py"
