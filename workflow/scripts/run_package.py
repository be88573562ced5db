"""Restore the images of one test set with a stranger's package, which is run as code."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.images.image import write_image
        from denoisekit.noise import usable
        from denoisekit.restoring import strangers

        seed_everything(0, threads=snakemake.threads)
        registered, params = snakemake.input.registered, snakemake.params
        package = files.expand_variables(params.model, where="The model")
        report(f"running {package}, which the study trusts, by bioimageio.core", at_once=True)
        restore = strangers.open(package)
        for pair in registered_pairs(registered, split="test"):
            image = read_exposure(registered, pair.image, "low")
            odd = usable.find(image.pixels, outside=params.outside, name=pair.image)
            restored = restore(usable.repaired(image.pixels, odd), pair.image)
            size = image.pixel_size_um or params.pixel_size_um
            path = Path(snakemake.output[0], f"{pair.image}.tif")
            write_image(path, restored, pixel_size_um=size)
            report(f"restored {pair.image}")
