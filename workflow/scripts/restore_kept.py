"""Restore the images that were kept from a network's training, with its scale."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _kept
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.images.normalization import UNCHANGED
        from denoisekit.noise import usable
        from denoisekit.restoring import inference, model

        seed_everything(0, threads=snakemake.threads)
        given, params = snakemake.input, snakemake.params
        trained = model.load(given.weights, files.read_json(given.card))
        settings = {key: value for key, value in params.prediction.items() if key != "weights"}
        # Patches that somebody cut are normalised already.
        settings["normalizer"] = UNCHANGED if params.as_patches else None
        restorer = inference.Restorer(trained, **settings, note=report)

        def restore(pixels, name):
            """Return an image as the network restores it, and its scale."""
            odd = usable.find(pixels, outside=params.outside, name=name)
            found = restorer.predict(pixels, name, unusable=odd)
            return found.mean, found.scale

        count = _kept.write(
            given.registered,
            Path(snakemake.output[0]),
            restore,
            settings=params.settings,
            outside=params.outside,
            report=report,
            frames=trained.frames,
        )
        report(f"restored {count} images kept from training")
