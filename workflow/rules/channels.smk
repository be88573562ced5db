"""Restore the channels of a sample jointly: train sets with data sets beside their own.

Out: patches/{train_set}/channels{,-shuffled}/, patches of all channels at the same places, (N,
     channels, side, side), with the other channels of another field where they are shuffled;
     models/{train_set}/ as of other networks; restored/ as of other networks, each test set the
     channel that is its data set's.
"""


rule extract_channels:
    input:
        registered=train_channels,
    output:
        directory("<results>/patches/{train_set}/{target}"),
    log:
        "<results>/logs/extract_channels/{train_set}/{target}.log",
    benchmark:
        "<results>/benchmarks/extract_channels/{train_set}/{target}.tsv"
    wildcard_constraints:
        target="channels(-shuffled)?",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        channels=ask(STUDY.channels_of),
        patch_size=lookup(dpath="train_sets/{train_set}/patch_size", within=config),
        settings=config["patches"],
        outside=train_channels_outside,
        code=code("extract_channels"),
    message:
        "Cutting patches of the channels of {wildcards.train_set}."
    script:
        "../scripts/extract_channels.py"


rule predict_channels:
    input:
        unpack(network_files),
        registered=test_pairs,
        channels=test_channels,
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.seed{seed}"),
    log:
        "<results>/logs/predict_channels/{test_set}/{train_set}.{method}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/predict_channels/{test_set}/{train_set}.{method}.seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.joint_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        settings=config["prediction"],
        channels=ask(STUDY.channels),
        shuffled=lookup(dpath="methods/{method}/shuffled", within=config, default=False),
        dataset=ask(STUDY.tested),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        outside=test_channels_outside,
        code=predict_code,
    message:
        "Restoring {wildcards.test_set} with {wildcards.method}, which sees all channels."
    script:
        "../scripts/predict_channels.py"
