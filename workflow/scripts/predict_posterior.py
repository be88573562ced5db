"""Restore the images of one test set with samples of the prior and a noise model."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import torch

        from _restoring import restore_all
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.images.normalization import Normalizer
        from denoisekit.noise import models
        from denoisekit.restoring import likelihoods, posterior, weights

        seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        card, params = files.read_json(snakemake.input.card), snakemake.params
        network = weights.load(snakemake.input.weights, card, device=device)
        model = models.load_noise_model(snakemake.input.noise_model)
        likelihood = likelihoods.of_model(model, device=device)

        def restore(pixels, name):
            """Return the posterior's mean, or the prior's."""
            outside = models.count_outside(
                model, pixels, outside=params.noise_model["outside"], name=name
            )
            if outside:
                report(f"{outside} pixels of {name} lie outside of the noise model's range")
            found = posterior.restore(
                network,
                pixels,
                normalizer=Normalizer(**card["normalizer"]),
                log_likelihood=likelihood,
                levels=(),
                tile=params.settings["tile"],
                precision=params.settings["precision"],
                device=device,
                name=name,
            )
            return {"": found.prior_mean if params.estimate == "prior-mean" else found.mmse}

        for name in restore_all(snakemake, restore):
            report(f"restored {name} on the {device}")
