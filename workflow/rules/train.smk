"""Train one network per train set, method and seed, on pairs, on frames or on hidden pixels.

Out: models/{train_set}/{method}/seed{seed}/ with best and last weights, a card and the history.
     While a network trains, its state is kept in checkpoints/, so that a killed job goes on there.
"""


rule train:
    input:
        unpack(train_files),
        apart=apart_gate,
    output:
        best="<results>/models/{train_set}/{method}/seed{seed}/best.safetensors",
        last="<results>/models/{train_set}/{method}/seed{seed}/last.safetensors",
        card="<results>/models/{train_set}/{method}/seed{seed}/card.json",
        history="<results>/models/{train_set}/{method}/seed{seed}/history.tsv",
    log:
        "<results>/logs/train/{train_set}/{method}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/train/{train_set}/{method}/seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.paired_methods),
    conda:
        "../../envs/torch.yaml"
    # Sums depend on the number of threads: one, so that `--cores` never changes a number.
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=12000,
        runtime="8h",
    params:
        settings=ask(STUDY.train_settings),
        checkpoint=checkpoint_folder,
        code=train_code,
    message:
        "Training on {wildcards.train_set} with {wildcards.method}, seed {wildcards.seed}."
    script:
        "../scripts/train.py"


rule train_noise2void:
    input:
        unpack(train_files),
        noise_model=noise_model_file,
        noise_card=noise_card_gate,
    output:
        best="<results>/models/{train_set}/{method}/seed{seed}/best.safetensors",
        last="<results>/models/{train_set}/{method}/seed{seed}/last.safetensors",
        card="<results>/models/{train_set}/{method}/seed{seed}/card.json",
        history="<results>/models/{train_set}/{method}/seed{seed}/history.tsv",
    log:
        "<results>/logs/train_noise2void/{train_set}/{method}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/train_noise2void/{train_set}/{method}/seed{seed}.tsv"
    wildcard_constraints:
        method=one_of(STUDY.masked_methods),
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=12000,
        runtime="8h",
    params:
        settings=ask(STUDY.train_settings),
        checkpoint=checkpoint_folder,
        code=train_code,
    message:
        "Training on {wildcards.train_set} with {wildcards.method}, seed {wildcards.seed}."
    script:
        "../scripts/train_noise2void.py"
