"""Cut training patches out of registered images, split into training and validation by image.

Out: patches/{train_set}/{low,high}.npy, (N, side, side) float32, normalised as CARE does, and
     positions.tsv, a row per patch;
     units.json, how the truths count against the short exposures;
     patches/{train_set}/{target}/, the like in the images' units: alone (none), with the truth in
     its own units (clean) or the short exposure's (matched), with the next image of the same
     place (next), or the frames around an image with itself (own), and normalizer.json; all of it
     in common units where -photons is behind, and with windows of a movie, (N, frames, side, side),
     where -frames<number> is.
"""


rule extract_patches:
    input:
        registered=train_pairs,
    output:
        low="<results>/patches/{train_set}/low.npy",
        high="<results>/patches/{train_set}/high.npy",
        positions="<results>/patches/{train_set}/positions.tsv",
        units="<results>/patches/{train_set}/units.json",
    log:
        "<results>/logs/extract_patches/{train_set}.log",
    benchmark:
        "<results>/benchmarks/extract_patches/{train_set}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        patch_size=lookup(dpath="train_sets/{train_set}/patch_size", within=config),
        settings=config["patches"],
        as_patches=train_as_patches,
        outside=train_outside,
        code=code("extract_patches"),
    message:
        "Cutting patches for {wildcards.train_set}."
    script:
        "../scripts/extract_patches.py"


rule extract_frames:
    input:
        registered=train_pairs,
    output:
        directory("<results>/patches/{train_set}/{target}"),
    log:
        "<results>/logs/extract_frames/{train_set}/{target}.log",
    benchmark:
        "<results>/benchmarks/extract_frames/{train_set}/{target}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        patch_size=lookup(dpath="train_sets/{train_set}/patch_size", within=config),
        split=ask(STUDY.split_of),
        settings=config["patches"],
        outside=train_outside,
        code=code("extract_frames"),
    message:
        "Cutting patches for {wildcards.train_set} in the images' units."
    script:
        "../scripts/extract_frames.py"
