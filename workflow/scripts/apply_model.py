"""Restore the images of one test set with a network that was trained elsewhere."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _alike import alike
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import read_exposure, read_windows
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
        frames = restorer.model.frames
        for image, read in read_windows(registered, split="test", frames=frames).items():
            pixels = read()
            odd = usable.find(pixels, outside=params.outside, name=image)
            restored = restorer_of(image).predict(pixels, image, unusable=odd).mean
            path = Path(snakemake.output[0], f"{image}.tif")
            told = read_exposure(registered, image, "low").pixel_size_um
            write_image(path, restored, pixel_size_um=told or params.pixel_size_um)
            report(f"restored {image}")
