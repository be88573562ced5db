"""Learn how the camera's values scatter around the signal, for the networks that need to know.

Out: noise_models/{train_set}/{noise_model}.npz, from pairs or from repeated frames;
     noise_models/{train_set}/{noise_model}.seed{seed}.npz, from what a first network restored.
"""


rule fit_noise_model:
    input:
        registered=noise_model_pairs,
    output:
        "<results>/noise_models/{train_set}/{noise_model}.npz",
    log:
        "<results>/logs/fit_noise_model/{train_set}/{noise_model}.log",
    benchmark:
        "<results>/benchmarks/fit_noise_model/{train_set}/{noise_model}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime="1h",
    params:
        settings=lookup(dpath="noise_models/{noise_model}", within=config),
        splits=ask(STUDY.noise_model_splits),
        outside=noise_model_outside,
        code=code("fit_noise_model"),
    message:
        "Learning the noise of {wildcards.train_set}."
    script:
        "../scripts/fit_noise_model.py"


rule bootstrap_noise_model:
    input:
        unpack(first_network),
        registered=train_pairs,
    output:
        "<results>/noise_models/{train_set}/{noise_model}.seed{seed}.npz",
    log:
        "<results>/logs/bootstrap_noise_model/{train_set}/{noise_model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/bootstrap_noise_model/{train_set}/{noise_model}.seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=8000,
        runtime="1h",
    params:
        settings=lookup(dpath="noise_models/{noise_model}", within=config),
        split=ask(STUDY.split_of),
        prediction=config["prediction"],
        outside=train_outside,
        code=code("bootstrap_noise_model"),
    message:
        "Learning the noise of {wildcards.train_set} from a first restoration."
    script:
        "../scripts/bootstrap_noise_model.py"
