"""Simulate pairs of short and long exposures, for data sets that no camera gave.

Out: simulated/{dataset}/{low,high}.tif, stacks of pages, or of volumes, and pairs.tsv, the table of
     their pairs.
"""


rule simulate:
    output:
        low="<results>/simulated/{dataset}/low.tif",
        high="<results>/simulated/{dataset}/high.tif",
        pairs="<results>/simulated/{dataset}/pairs.tsv",
    log:
        "<results>/logs/simulate/{dataset}.log",
    benchmark:
        "<results>/benchmarks/simulate/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.simulated_plainly),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=6000,
        runtime="12h",
    params:
        settings=lookup(dpath="datasets/{dataset}/simulate", within=config),
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        z_spacing_um=lookup(dpath="datasets/{dataset}/z_spacing_um", within=config, default=None),
        code=simulate_code,
    message:
        "Simulating the images of {wildcards.dataset}."
    script:
        "../scripts/simulate.py"


rule simulate_sharp:
    output:
        low="<results>/simulated/{dataset}/low.tif",
        high="<results>/simulated/{dataset}/high.tif",
        pairs="<results>/simulated/{dataset}/pairs.tsv",
    log:
        "<results>/logs/simulate_sharp/{dataset}.log",
    benchmark:
        "<results>/benchmarks/simulate_sharp/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(STUDY.simulated_sharp),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="2h",
    params:
        settings=lookup(dpath="datasets/{dataset}/simulate", within=config),
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        code=sharp_code,
    message:
        "Simulating widefield images of {wildcards.dataset} beside a sharp truth."
    script:
        "../scripts/simulate_sharp.py"
