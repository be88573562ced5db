"""Lay each low exposure on its high one, and look at every pair before anything is trained.

In:  a pair table and the images it names, or patterns of file names.
Out: pairs/{dataset}/pairs.tsv, the pair table of what the patterns find;
     registered/{dataset}/, a folder of low/<image>.tif, high/<image>.tif, pairs.tsv, quality.tsv, and
     inputs.tsv, the sha256 of the user's own files that they were made of;
     checks/apart.tsv, proof that no image to test on, nor a copy of one, is trained on, but for
     patches that somebody cut, which are too small to be compared.
"""


rule list_pairs:
    output:
        "<results>/pairs/{dataset}/pairs.tsv",
    log:
        "<results>/logs/list_pairs/{dataset}.log",
    benchmark:
        "<results>/benchmarks/list_pairs/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(FOUND),
    conda:
        "../../envs/formats.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        settings=lookup(dpath="datasets/{dataset}/folder", within=config),
        choice=ask(STUDY.choice_of),
        content=content_of(found_files),
        code=code("list_pairs"),
    message:
        "Listing the images of {wildcards.dataset}."
    script:
        "../scripts/list_pairs.py"


rule register:
    input:
        registered_files,
    output:
        directory("<results>/registered/{dataset}"),
    log:
        "<results>/logs/register/{dataset}.log",
    benchmark:
        "<results>/benchmarks/register/{dataset}.tsv"
    conda:
        "../../envs/formats.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="2h",
    # No pixel size, which changes no pixel: a corrected one must train nothing anew.
    params:
        table=registered_table_file,
        own=own_pair_files,
        content=content_of(own_pair_files),
        register=is_laid_on,
        choice=ask(STUDY.registered_choice),
        blank=lookup(dpath="datasets/{dataset}/blank", within=config, default="pass"),
        outside=lookup(dpath="datasets/{dataset}/outside", within=config, default=None),
        repair=lookup(dpath="datasets/{dataset}/repair", within=config, default=None),
        target=lookup(dpath="datasets/{dataset}/target", within=config, default=None),
        code=code("register"),
    message:
        "Registering the pairs of {wildcards.dataset}."
    script:
        "../scripts/register.py"


rule check_apart:
    input:
        registered=collect("<results>/registered/{dataset}", dataset=STUDY.studied),
    output:
        "<results>/checks/apart.tsv",
    log:
        "<results>/logs/check_apart.log",
    benchmark:
        "<results>/benchmarks/check_apart.tsv"
    # Before a training that could start beside it.
    priority: 1
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        settings={
            "compared": STUDY.apart,
            "networks": STUDY.trained_networks,
            "as_patches": STUDY.of_patches,
        },
        datasets=STUDY.studied,
        outside={name: outside_of(name) for name in STUDY.studied},
        code=code("check_apart", *sorted(set(map(STUDY.network_module, STUDY.trained_methods)))),
    message:
        "Proving that no image to test on is trained on."
    script:
        "../scripts/check_apart.py"
