"""Restore the images of one test set with a network that was trained elsewhere."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _alike import alike
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.images.image import write_image
        from denoisekit.noise import usable
        from denoisekit.restoring import model_folder

        seed_everything(0, threads=snakemake.threads)
        registered, params = snakemake.input.registered, snakemake.params

        def note(sentence):
            """Tell what a person should know of an image."""
            report(sentence, at_once=True)

        restorer = model_folder.open(
            files.expand_variables(params.model, where="The model"), **params.settings, note=note
        )
        restorer_of = alike(
            restorer, registered, normalize=restorer.normalize, outside=params.outside
        )
        for pair in registered_pairs(registered, split="test"):
            image = read_exposure(registered, pair.image, "low")
            odd = usable.find(image.pixels, outside=params.outside, name=pair.image)
            restored = restorer_of(pair.image).predict(image.pixels, pair.image, unusable=odd).mean
            path = Path(snakemake.output[0], f"{pair.image}.tif")
            size = image.pixel_size_um or params.pixel_size_um
            write_image(path, restored, pixel_size_um=size)
            report(f"restored {pair.image}")
