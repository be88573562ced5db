"""Draw how deep every method finds the sheet of one stack, beside its true surface."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.datasets.sheets import read_height
        from denoisekit.figures.depth import draw_depth

        files, params = snakemake.input, snakemake.params
        image = registered_pairs(files.registered, split="test")[0].image
        found = {
            method: read_restored(files.registered, Path(folder, "height"), image).pixels
            for method, folder in zip(params.methods, files.restored, strict=True)
        }
        low = read_exposure(files.registered, image, "low")
        size = low.pixel_size_um or params.pixel_size_um
        known = read_height(*files.heights, image)
        save(draw_depth(known, found, pixel_size_um=size), snakemake.output)
