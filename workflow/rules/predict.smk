"""Restore a test set with a trained network, with samples of a prior, or with an ensemble.

Out: restored/{test_set}/{train_set}.{method}.seed{seed}/, a folder of <image or stack>.tif in the low
     exposure's units, and of scale/<image>.tif where the network predicts a scale;
     restored/{test_set}/{train_set}.{method}.ensemble/, the mean of several networks' images, with
     scale/ and disagreement/ where they predict a scale, and else with spread/;
     models/{train_set}/{method}/seed{seed}/prediction.json, which weights and percentiles the study
     restores with, for who takes a network away: apart from its card, since training depends on
     neither;
     posterior/{experiment}.json, the prior and the posterior of one pixel of the first image.
"""


rule predict:
    input:
        unpack(network_files),
        registered=test_pairs,
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.seed{seed}"),
    log:
        "<results>/logs/predict/{test_set}/{train_set}.{method}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/predict/{test_set}/{train_set}.{method}.seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.plain_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        settings=config["prediction"],
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        outside=test_outside,
        code=predict_code,
    message:
        "Restoring {wildcards.test_set} with {wildcards.method} trained on {wildcards.train_set}."
    script:
        "../scripts/predict.py"


rule predict_posterior:
    input:
        unpack(network_files),
        registered=test_pairs,
        noise_model=noise_model_file,
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.seed{seed}"),
    log:
        "<results>/logs/predict_posterior/{test_set}/{train_set}.{method}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/predict_posterior/{test_set}/{train_set}.{method}.seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.posterior_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=8000,
        runtime="4h",
    params:
        settings=config["prediction"],
        noise_model=ask(STUDY.noise_model_settings),
        estimate=lookup(dpath="methods/{method}/estimate", within=config, default="mmse"),
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        outside=test_outside,
        code=predict_code,
    message:
        "Restoring {wildcards.test_set} with {wildcards.method} trained on {wildcards.train_set}."
    script:
        "../scripts/predict_posterior.py"


rule predict_ensemble:
    input:
        registered=test_pairs,
        members=ensemble_members,
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.ensemble"),
    log:
        "<results>/logs/predict_ensemble/{test_set}/{train_set}.{method}.ensemble.log",
    benchmark:
        "<results>/benchmarks/predict_ensemble/{test_set}/{train_set}.{method}.ensemble.tsv"
    wildcard_constraints:
        method=one_of(STUDY.ensemble_methods),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        pixel_size_um=test_pixel_size,
        z_spacing_um=test_z_spacing,
        outside=test_outside,
        code=code("predict_ensemble"),
    message:
        "Taking the mean of {wildcards.method}'s networks, trained on {wildcards.train_set}."
    script:
        "../scripts/predict_ensemble.py"


rule note_prediction:
    output:
        of_networks("prediction.json"),
    log:
        "<results>/logs/note_prediction.log",
    benchmark:
        "<results>/benchmarks/note_prediction.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        settings={
            key: config["prediction"][key]
            for key in ("weights", "percentiles", "normalize", "units", "turned")
            if key in config["prediction"]
        },
        code=code("note_prediction"),
    message:
        "Noting beside each network how the study restores with it."
    script:
        "../scripts/note_prediction.py"


rule examine_pixel:
    input:
        unpack(posterior_model),
        registered=test_pairs,
        restored=posterior_restored,
        noise_model=posterior_noise_model,
    output:
        "<results>/posterior/{experiment}.json",
    log:
        "<results>/logs/examine_pixel/{experiment}.log",
    benchmark:
        "<results>/benchmarks/examine_pixel/{experiment}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="10m",
    params:
        side_px=config["figures"]["inset_px"],
        precision=config["prediction"]["precision"],
        outside=test_outside,
        code=posterior_code,
    message:
        "Looking at the prior and the posterior of one pixel of {wildcards.experiment}."
    script:
        "../scripts/examine_pixel.py"
