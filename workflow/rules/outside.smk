"""Restore a test set with what is not of this study: images that are given, other programs.

Out: plain/{dataset}/{split}/, registered images as single planes, which commands are given: those
     to train on with their long exposures, those to test on without;
     commanded/{test_set}/{run}/<image>.tif, what a command or a network of elsewhere wrote;
     restored/{test_set}/{run}/, as a network's, with units.tsv: how each image counts against its
     input.
"""


rule lay_out:
    input:
        registered="<results>/registered/{dataset}",
    output:
        directory("<results>/plain/{dataset}/{split}"),
    log:
        "<results>/logs/lay_out/{dataset}/{split}.log",
    benchmark:
        "<results>/benchmarks/lay_out/{dataset}/{split}.tsv"
    wildcard_constraints:
        split="train|test",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        pixel_size_um=lookup(dpath="datasets/{dataset}/pixel_size_um", within=config),
        code=code("lay_out"),
    message:
        "Laying out the images of {wildcards.dataset} ({wildcards.split}) for commands."
    script:
        "../scripts/lay_out.py"


rule run_command:
    input:
        images=command_images,
        train=command_train,
    output:
        directory("<results>/commanded/{test_set}/{command_run}"),
    log:
        "<results>/logs/run_command/{test_set}/{command_run}.log",
    benchmark:
        "<results>/benchmarks/run_command/{test_set}/{command_run}.tsv"
    conda:
        command_environment
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=8000,
        runtime="12h",
    params:
        method=command_method,
        command=command_line,
        seed=command_seed,
        here=command_files,
        content=content_of(command_inputs),
        code=code("run_command"),
    message:
        "Restoring {wildcards.test_set} with the command of {wildcards.command_run}."
    script:
        "../scripts/run_command.py"


rule apply_model:
    input:
        registered=test_pairs,
    output:
        directory("<results>/commanded/{test_set}/{model_method}"),
    log:
        "<results>/logs/apply_model/{test_set}/{model_method}.log",
    benchmark:
        "<results>/benchmarks/apply_model/{test_set}/{model_method}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS_PER_JOB,
        mem_mb=4000,
        runtime="1h",
    params:
        model=lookup(dpath="methods/{model_method}/model", within=config),
        content=content_of(model_method_files),
        settings={key: config["prediction"][key] for key in ("tile", "precision")},
        pixel_size_um=test_pixel_size,
        outside=test_outside,
        code=model_code,
    message:
        "Restoring {wildcards.test_set} with the model of {wildcards.model_method}."
    script:
        "../scripts/apply_model.py"


rule run_package:
    input:
        registered=test_pairs,
    output:
        directory("<results>/commanded/{test_set}/{package_method}"),
    log:
        "<results>/logs/run_package/{test_set}/{package_method}.log",
    benchmark:
        "<results>/benchmarks/run_package/{test_set}/{package_method}.tsv"
    conda:
        "../../envs/packages.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime="4h",
    params:
        model=lookup(dpath="methods/{package_method}/model", within=config),
        content=content_of(model_method_files),
        pixel_size_um=test_pixel_size,
        outside=test_outside,
        code=code("run_package"),
    message:
        "Restoring {wildcards.test_set} with the package of {wildcards.package_method}."
    script:
        "../scripts/run_package.py"


rule take_restored:
    input:
        registered=test_pairs,
        made=outside_made,
    output:
        directory("<results>/restored/{test_set}/{outside_run}"),
    log:
        "<results>/logs/take_restored/{test_set}/{outside_run}.log",
    benchmark:
        "<results>/benchmarks/take_restored/{test_set}/{outside_run}.tsv"
    # What is wrong with given images is told before anything is trained.
    priority: 10
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        method=outside_method,
        pattern=outside_pattern,
        own=outside_images,
        content=content_of(outside_images),
        pixel_size_um=test_pixel_size,
        code=code("take_restored"),
    message:
        "Taking what {wildcards.outside_run} made of {wildcards.test_set}."
    script:
        "../scripts/take_restored.py"
