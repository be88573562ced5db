"""Hold each network that saw truths against the study's filters, on images kept from training.

Out: validation/{train_set}.tsv, the PSNR of every filter on the images to validate on;
     models/{train_set}/{method}/seed{seed}/validation.tsv, the same with the network's.
"""


rule validate_filters:
    input:
        registered=train_pairs,
    output:
        "<results>/validation/{train_set}.tsv",
    log:
        "<results>/logs/validate_filters/{train_set}.log",
    benchmark:
        "<results>/benchmarks/validate_filters/{train_set}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        settings=STUDY.validation_settings,
        filters=validating_filters,
        pixel_size_um=train_pixel_size,
        outside=train_outside,
        code=validate_filters_code,
    message:
        "Restoring the images that {wildcards.train_set} is validated on with filters."
    script:
        "../scripts/validate_filters.py"


rule validate:
    input:
        unpack(network_files),
        registered=train_pairs,
        filters="<results>/validation/{train_set}.tsv",
    output:
        "<results>/models/{train_set}/{method}/seed{seed}/validation.tsv",
    log:
        "<results>/logs/validate/{train_set}/{method}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/validate/{train_set}/{method}/seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.validated_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        settings=STUDY.validation_settings,
        prediction=config["prediction"],
        as_patches=train_as_patches,
        outside=train_outside,
        code=validate_code,
    message:
        "Validating {wildcards.method} trained on {wildcards.train_set}, seed {wildcards.seed}."
    script:
        "../scripts/validate.py"
