"""Fit a noise model to noisy images and what a first network made of them."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit.computing import seed_everything
        from denoisekit.datasets.common_units import noises_of
        from denoisekit.datasets.pairs import evenly
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.files import read_json
        from denoisekit.noise import fitting, models, units, usable
        from denoisekit.restoring import inference, model

        settings, files = snakemake.params.settings, snakemake.input
        seed_everything(0, threads=snakemake.threads)
        prediction = dict(snakemake.params.prediction)
        del prediction["weights"]
        # A noise model is learned in the images' own units.
        prediction["units"] = "image"
        trained = model.load(files.weights, read_json(files.card))
        restore = inference.Restorer(trained, **prediction)
        rows = registered_pairs(files.registered, split=snakemake.params.split)
        names, outside = [pair.image for pair in rows], snakemake.params.outside
        units.check_alike(noises_of(files.registered, [[name] for name in names], outside=outside))
        signal, noisy = [], []
        for pair in evenly(rows, settings["images"]):
            pixels = read_exposure(files.registered, pair.image, "low").pixels
            # A network may leave the camera's range; the signal cannot.
            odd = usable.find(pixels, outside=outside, name=pair.image)
            restored = restore.predict(pixels, pair.image, unusable=odd).mean
            signal.append(np.clip(usable.within(restored, ~odd.mask), *settings["values"]).ravel())
            noisy.append(usable.within(pixels, ~odd.mask).ravel())
            report(f"restored {pair.image} on the {trained.device}")
        fitted = fitting.fit(np.concatenate(signal), np.concatenate(noisy), settings=settings)
        models.save_noise_model(snakemake.output[0], fitted)
        report(f"learned {models.told(fitted)}", at_once=True)
