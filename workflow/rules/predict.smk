"""Restore a test set with a trained network.

Out: restored/{test_set}/{train_set}.{method}.seed{seed}/, a folder of <image>.tif in the low
     exposure's units, and of scale/<image>.tif where the network predicts a scale.
"""


rule predict:
    input:
        registered=test_pairs,
        weights=model_weights,
        card="<results>/models/{train_set}/{method}/seed{seed}/card.json",
    output:
        directory("<results>/restored/{test_set}/{train_set}.{method}.seed{seed}"),
    log:
        "<results>/logs/predict/{test_set}/{train_set}.{method}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/predict/{test_set}/{train_set}.{method}.seed{seed}.tsv"
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
        code=predict_code,
    message:
        "Restoring {wildcards.test_set} with {wildcards.method} trained on {wildcards.train_set}."
    script:
        "../scripts/predict.py"
