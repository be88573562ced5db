"""Train one network on hidden pixels of noisy images."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _patches
        import _training
        from _noise_warning import warn
        from denoisekit.noise import models
        from denoisekit.restoring import likelihoods
        from denoisekit.training import masked_losses
        from denoisekit.training.batches import NoisyPatches
        from denoisekit.training.noise2void import Noise2Void

        warn(snakemake, report)
        settings, files = snakemake.params.settings, snakemake.input
        method, folder = settings["method"], _patches.find_folder(snakemake)
        normalizer = _patches.read_normalizer(folder)
        patches = _patches.read(folder, "low")
        likelihood = None
        if files.noise_model:
            model = models.load_noise_model(files.noise_model)
            for part in patches:
                outside = models.count_outside(
                    model, part, outside=settings["noise_model"]["outside"], name="A noisy patch"
                )
                if outside:
                    report(f"{outside} pixels lie outside of the noise model's range", at_once=True)
            likelihood = likelihoods.of_model(model, device=_training.DEVICE)
        loss = masked_losses.get(method["loss"], normalizer=normalizer, log_likelihood=likelihood)
        _training.train(
            snakemake,
            report,
            objective=Noise2Void((method["loss"], loss), method["masking"], normalizer=normalizer),
            probabilistic=False,
            patches=[NoisyPatches(part) for part in patches],
            normalizer=normalizer,
        )
