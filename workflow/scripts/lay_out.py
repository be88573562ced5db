"""Write the registered images of one split as single planes, for other programs."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.images.image import write_image

        registered, folder = snakemake.input.registered, Path(snakemake.output[0])
        split, size = snakemake.wildcards.split, snakemake.params.pixel_size_um
        for pair in registered_pairs(registered, split=split):
            # No program sees the truth of what it is tested on.
            shown = ["low", "high"] if pair.high and split == "train" else ["low"]
            for exposure in shown:
                image = read_exposure(registered, pair.image, exposure)
                write_image(
                    folder / exposure / f"{pair.image}.tif",
                    image.pixels,
                    pixel_size_um=image.pixel_size_um or size,
                )
            report(f"laid out {pair.image}")
