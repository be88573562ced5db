"""Draw what every method's restoration of one image lacks, once it is blurred again."""

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
        from denoisekit.figures.resolution import draw_reblurred

        files, params = snakemake.input, snakemake.params
        image = registered_pairs(files.registered, split="test")[0].image
        low = read_exposure(files.registered, image, "low")
        folder = Path(files.restored[0]).parent
        restored = {
            method: read_restored(files.registered, folder / run, image).pixels
            for method, run in params.runs.items()
            if method != "noisy"
        }
        truth = read_exposure(files.registered, image, "high").pixels
        size = low.pixel_size_um or params.pixel_size_um
        save(draw_reblurred(low.pixels, truth, restored, pixel_size_um=size), snakemake.output)
