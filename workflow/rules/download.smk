"""Fetch published files, shared by all studies: from a folder the user has, or from the network.

Out: resources/<source>/<name>; the source's catalogue says what it is: a download, a file of a
     downloaded archive, a grey image made of a downloaded picture, or a folder of stacks made of
     frames, files or arrays of patches in an archive.
"""


# Neither this rule nor the next has the address, the folder, the checksum or its code as a param: a
# change of these neither fetches anew what is there, nor trains anew.
rule download:
    output:
        "resources/{file}",
    log:
        "<results>/logs/download/{file}.log",
    benchmark:
        "<results>/benchmarks/download/{file}.tsv"
    wildcard_constraints:
        file=one_of(files_with("path")),
    # Compute nodes often have no network.
    localrule: True
    conda:
        "../../envs/download.yaml"
    threads: 1
    resources:
        network=1,
    message:
        "Fetching {wildcards.file}."
    script:
        "../scripts/download.py"


rule unpack:
    input:
        file_origin,
    output:
        "resources/{file}",
    log:
        "<results>/logs/unpack/{file}.log",
    benchmark:
        "<results>/benchmarks/unpack/{file}.tsv"
    wildcard_constraints:
        file=one_of(files_with("member")),
    conda:
        "../../envs/download.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        member=archive_member,
    message:
        "Unpacking {wildcards.file}."
    script:
        "../scripts/unpack.py"


rule convert_picture:
    input:
        file_origin,
    output:
        "resources/{file}",
    log:
        "<results>/logs/convert_picture/{file}.log",
    benchmark:
        "<results>/benchmarks/convert_picture/{file}.tsv"
    wildcard_constraints:
        file=one_of(files_with("picture")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        settings=source_file,
        code=code("convert_picture"),
    message:
        "Making the image {wildcards.file}."
    script:
        "../scripts/convert_picture.py"


rule stack_frames:
    input:
        stacks_archive,
    output:
        directory("resources/{file}"),
    log:
        "<results>/logs/stack_frames/{file}.log",
    benchmark:
        "<results>/benchmarks/stack_frames/{file}.tsv"
    wildcard_constraints:
        file=one_of(files_with("frames")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="1h",
    params:
        settings=source_file,
    message:
        "Stacking the frames of {wildcards.file}."
    script:
        "../scripts/stack_frames.py"


rule take_stacks:
    input:
        stacks_archive,
    output:
        directory("resources/{file}"),
    log:
        "<results>/logs/take_stacks/{file}.log",
    benchmark:
        "<results>/benchmarks/take_stacks/{file}.tsv"
    wildcard_constraints:
        file=one_of(files_with("beside")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="2h",
    params:
        settings=source_file,
        code=code("take_stacks"),
    message:
        "Taking the stacks of {wildcards.file}."
    script:
        "../scripts/take_stacks.py"


rule take_arrays:
    input:
        stacks_archive,
    output:
        directory("resources/{file}"),
    log:
        "<results>/logs/take_arrays/{file}.log",
    benchmark:
        "<results>/benchmarks/take_arrays/{file}.tsv"
    wildcard_constraints:
        file=one_of(files_with("arrays")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="2h",
    params:
        settings=source_file,
        code=code("take_arrays"),
    message:
        "Taking the patches of {wildcards.file}."
    script:
        "../scripts/take_arrays.py"
