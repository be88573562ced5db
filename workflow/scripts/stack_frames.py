"""Make a stack of each folder of frames of one level in a downloaded archive."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _origin import origin
        from denoisekit import archives
        from denoisekit.datasets import catalogues, pictures
        from denoisekit.files import write_table
        from denoisekit.images.image import write_image

        settings, output = snakemake.params.settings, Path(snakemake.output[0])
        archive = origin(
            snakemake.input,
            file=snakemake.wildcards.file,
            sources=snakemake.config["sources"],
            output=output,
        )
        stacks = {folder: stack for stack, folder in catalogues.stacks_of(settings).items()}
        rows = []
        for folder, files in archives.read_folders(archive, stacks):
            pixels, names = pictures.stack_pictures(
                files, count=settings["frames"], name=f"{folder} in {archive}"
            )
            stack = output / stacks[folder]
            write_image(stack, pixels, pixel_size_um=None, axes="TYX")
            rows += [
                {"stack": stack.name, "page": page, "file": f"{folder}/{file}"}
                for page, file in enumerate(names)
            ]
            report(f"{stack.name}: {len(names)} pages, from {names[0]} to {names[-1]}")
        write_table(output / "pages.tsv", rows)
