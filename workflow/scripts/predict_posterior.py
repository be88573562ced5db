"""Restore the images of one test set with samples of the prior and a noise model."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _restoring import restore_all
        from denoisekit.computing import seed_everything
        from denoisekit.files import read_json
        from denoisekit.noise import models, usable
        from denoisekit.restoring import model, posterior

        seed_everything(0, threads=snakemake.threads)
        files, params = snakemake.input, snakemake.params
        trained = model.load(files.weights, read_json(files.card))
        restorer = posterior.Restorer(
            trained,
            models.load_noise_model(files.noise_model),
            outside=params.noise_model["outside"],
            note=report,
            tile=params.settings["tile"],
            precision=params.settings["precision"],
        )

        def restore(pixels, name):
            """Return the posterior's mean, or the prior's."""
            odd = usable.find(pixels, outside=params.outside, name=name)
            if odd.any:
                report(f"{name} has {odd.text}", at_once=True)
            found = restorer.predict(pixels, name, unusable=odd)
            return {"": found.prior_mean if params.estimate == "prior-mean" else found.mean}

        for name in restore_all(
            files.registered,
            snakemake.output[0],
            restore=restore,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=params.z_spacing_um,
        ):
            report(f"restored {name} on the {trained.device}")
