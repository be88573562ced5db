"""Make a grey image of one published picture."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets import pictures
        from denoisekit.images.image import write_image

        pixels = pictures.read_picture(snakemake.input[0])
        offset = snakemake.params.settings.get("counts_from")
        if offset is not None:
            pixels = pictures.undo_stretch(pixels, offset=offset)
        write_image(snakemake.output[0], pixels, pixel_size_um=None)
        report(f"values from {pixels.min()} to {pixels.max()}")
