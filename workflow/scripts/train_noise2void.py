"""Train one network on hidden pixels of noisy images."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _patches
        import _training
        from _noise_warning import warn
        from denoisekit import (
            likelihoods,
            masked_losses,
            noise_models,
            objectives,
            training,
        )

        warn(snakemake, report)
        settings, files = snakemake.params.settings, snakemake.input
        method, folder = settings["method"], _patches.find_folder(snakemake)
        normalizer = _patches.read_normalizer(folder)
        patches = _patches.read(folder, "low")
        likelihood = None
        if files.noise_model:
            model = noise_models.load_noise_model(files.noise_model)
            for part in patches:
                outside = noise_models.count_outside(
                    model, part, outside=settings["noise_model"]["outside"], name="A noisy patch"
                )
                if outside:
                    report(f"{outside} pixels lie outside of the noise model's range", at_once=True)
            likelihood = likelihoods.of_model(model, device=_training.DEVICE)
        loss = masked_losses.get(method["loss"], normalizer=normalizer, log_likelihood=likelihood)
        _training.train(
            snakemake,
            report,
            objective=objectives.Noise2Void(
                (method["loss"], loss), method["masking"], normalizer=normalizer
            ),
            probabilistic=False,
            patches=[training.NoisyPatches(part) for part in patches],
            normalizer=normalizer,
        )
