"""Score a network on the images that were kept from its training, beside the study's filters."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _validating
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.images.normalization import UNCHANGED
        from denoisekit.noise import usable
        from denoisekit.restoring import inference, model
        from denoisekit.statistics import validation

        seed_everything(0, threads=snakemake.threads)
        given, params = snakemake.input, snakemake.params
        trained = model.load(given.weights, files.read_json(given.card))
        settings = {key: value for key, value in params.prediction.items() if key != "weights"}
        # Scores are of the image's own units.
        settings["units"] = "image"
        # Patches that somebody cut are normalised already.
        settings["normalizer"] = UNCHANGED if params.as_patches else None
        restorer = inference.Restorer(trained, **settings, note=report)

        def restore(pixels, name, _):
            """Return an image as the network restores it."""
            odd = usable.find(pixels, outside=params.outside, name=name)
            return restorer(pixels, name, unusable=odd)

        method = snakemake.wildcards.method
        rows = _validating.rows(
            given.registered,
            restore,
            methods=[method],
            settings=params.settings,
            outside=params.outside,
            report=report,
            frames=trained.frames,
        )
        rows += [{**row, "psnr": float(row["psnr"])} for row in files.read_table(given.filters)]
        files.write_table(snakemake.output[0], rows)
        sentence = validation.beaten(rows, method=method)
        report(
            f"warning: {sentence}" if sentence else "no filter is better", at_once=bool(sentence)
        )
