"""Project the stacks of one test set without learning."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files, filters
        from denoisekit.datasets.registered import read_exposure, registered_pairs, restored_to
        from denoisekit.datasets.sheets import read_height
        from denoisekit.errors import told_of

        inputs, params, folder = snakemake.input, snakemake.params, Path(snakemake.output[0])
        restore, rows = filters.get(params.settings["filter"]), []
        sizes = {"pixel_size_um": params.pixel_size_um}
        with restored_to(folder, registered=inputs.registered, **sizes) as write:
            for pair in registered_pairs(inputs.registered, split="test"):
                stack = read_exposure(inputs.stacks, pair.image, "low")
                voxel = (
                    stack.spacing_um or params.z_spacing_um,
                    stack.pixel_size_um or params.pixel_size_um,
                )
                known = read_height(*inputs.heights, pair.image) if inputs.heights else None
                with told_of(f"The image {pair.image}"):
                    found = restore(
                        read_exposure(inputs.registered, pair.image, "low").pixels,
                        stack=stack.pixels,
                        voxel_um=voxel,
                        height_um=known,
                        **params.settings.get("options", {}),
                    )
                write(pair.image, found.pixels)
                for below, pixels in found.beside.items():
                    write(pair.image, pixels, below=below)
                rows.append({"image": pair.image, **found.settings})
                report(f"projected {pair.image}")
        files.write_table(folder / "strengths.tsv", rows)
