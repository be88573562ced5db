"""Images beside a truth that is sharper than they are: how fine they are restored.

Whether measured ones lie within what was simulated is told before anything is said of them.
Out: resolution/{test_set}/{run}.tsv, a row per image and quantity; tables/resolution.*; figures
     resolution-{experiment} and reblurred-{experiment}; looks/{dataset}.frames.tsv, what single
     images are like; tables/ranges.tsv; figures range-{pair}.
"""


rule measure_resolution:
    input:
        registered=test_pairs,
        restored="<results>/restored/{test_set}/{run}",
    output:
        "<results>/resolution/{test_set}/{run}.tsv",
    log:
        "<results>/logs/measure_resolution/{test_set}/{run}.log",
    benchmark:
        "<results>/benchmarks/measure_resolution/{test_set}/{run}.tsv"
    wildcard_constraints:
        test_set=one_of(STUDY.sharp_sets),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        identity=ask(STUDY.identity),
        lines=ask(STUDY.line_pairs),
        pixel_size_um=test_pixel_size,
        code=code("measure_resolution"),
    message:
        "Measuring the resolution of what {wildcards.run} makes of {wildcards.test_set}."
    script:
        "../scripts/measure_resolution.py"


rule gather_resolution:
    input:
        measured=of_runs("<results>/resolution/{test_set}/{run}.tsv", STUDY.sharp_sets),
        experiments="<results>/tables/experiments.tsv",
    output:
        **tabulated("resolution", "resolution_table", label="Resolution"),
    log:
        "<results>/logs/gather_resolution.log",
    benchmark:
        "<results>/benchmarks/gather_resolution.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=STUDY.methods,
        outside=STUDY.outside_methods,
        code=code("gather_resolution"),
    message:
        "Averaging the resolution of every method's images."
    script:
        "../scripts/gather_resolution.py"


rule draw_resolution:
    input:
        "<results>/tables/resolution.tsv",
    output:
        **drawn(
            "resolution-{experiment}", "resolution", category="Is it sharper?", label="Resolution"
        ),
    log:
        "<results>/logs/draw_resolution/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_resolution/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        methods=ask(STUDY.methods_of),
        code=code("draw_resolution"),
    message:
        "Drawing the resolution of every method's images in {wildcards.experiment}."
    script:
        "../scripts/draw_resolution.py"


rule draw_reblurred:
    input:
        registered=test_pairs,
        restored=experiment_runs,
    output:
        **drawn(
            "reblurred-{experiment}", "reblurred", category="Is it sharper?", label="Blurred again"
        ),
    log:
        "<results>/logs/draw_reblurred/{experiment}.log",
    benchmark:
        "<results>/benchmarks/draw_reblurred/{experiment}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        runs=ask(STUDY.shown_runs),
        pixel_size_um=test_pixel_size,
        code=code("draw_reblurred"),
    message:
        "Drawing what blurred restorations lack of the images of {wildcards.experiment}."
    script:
        "../scripts/draw_reblurred.py"


rule measure_frames:
    input:
        "<results>/registered/{dataset}",
    output:
        "<results>/looks/{dataset}.frames.tsv",
    log:
        "<results>/logs/measure_frames/{dataset}.log",
    benchmark:
        "<results>/benchmarks/measure_frames/{dataset}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        # Images, evenly chosen, of those that a data set has.
        at_most=200,
        code=code("measure_frames"),
    message:
        "Measuring what single images of {wildcards.dataset} look like."
    script:
        "../scripts/measure_frames.py"


rule compare_ranges:
    input:
        [
            f"<results>/looks/{name}.frames.tsv"
            for pair in STUDY.ranges
            for name in STUDY.looks_of(pair)
        ],
    output:
        report(
            "<results>/tables/ranges.tsv",
            caption="../report/ranges.rst",
            category="Tables",
            subcategory="This study's",
            labels={"table": "Measured images and the range of simulated ones"},
        ),
    log:
        "<results>/logs/compare_ranges.log",
    benchmark:
        "<results>/benchmarks/compare_ranges.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        pairs=list(STUDY.ranges),
        code=code("compare_ranges"),
    message:
        "Telling whether measured images lie within what was simulated."
    script:
        "../scripts/compare_ranges.py"


rule draw_ranges:
    input:
        range_frames,
    output:
        **drawn(
            "range-{pair}",
            "range",
            category="Simulated beside measured",
            label="Within what was simulated?",
        ),
    log:
        "<results>/logs/draw_ranges/{pair}.log",
    benchmark:
        "<results>/benchmarks/draw_ranges/{pair}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code("draw_ranges"),
    message:
        "Drawing where measured images of {wildcards.pair} lie among simulated ones."
    script:
        "../scripts/draw_ranges.py"
