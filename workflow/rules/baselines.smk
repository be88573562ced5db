"""Restore a test set with a filter, `noisy` (do nothing) among them.

Out: restored/{test_set}/{filter_method}/, as a network's, with strengths.tsv: the strength that was
     chosen for each image without looking at the truth.
"""


rule filter:
    input:
        registered=test_pairs,
        planes=test_planes,
    output:
        directory("<results>/restored/{test_set}/{filter_method}"),
    log:
        "<results>/logs/filter/{test_set}/{filter_method}.log",
    benchmark:
        "<results>/benchmarks/filter/{test_set}/{filter_method}.tsv"
    wildcard_constraints:
        filter_method=one_of(STUDY.plain_filters),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        settings=lookup(dpath="methods/{filter_method}", within=config),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        outside=test_outside,
        code=filter_code,
    message:
        "Restoring {wildcards.test_set} with the filter {wildcards.filter_method}."
    script:
        "../scripts/filter.py"
