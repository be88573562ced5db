"""Train one network on hidden pixels of noisy images."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _patches
        import _training
        from _card import describe
        from _noise_warning import warn
        from denoisekit.computing import find_device
        from denoisekit.noise import models
        from denoisekit.restoring import likelihoods
        from denoisekit.training import masked_losses
        from denoisekit.training.batches import NoisyPatches
        from denoisekit.training.noise2void import Noise2Void

        files, params = snakemake.input, snakemake.params
        method, folder = params.settings["method"], Path(files.frames)
        warn(
            files.noise_card,
            settings=params.settings,
            train_set=snakemake.wildcards.train_set,
            noise_model=files.noise_model,
            report=report,
        )
        normalizer = _patches.read_normalizer(folder)
        patches = _patches.read(folder, "low")
        likelihood = None
        if files.noise_model:
            model = models.load_noise_model(files.noise_model)
            outside = params.settings["noise_model"]["outside"]
            for part in patches:
                beyond = models.count_outside(model, part, outside=outside, name="A noisy patch")
                if beyond:
                    report(f"{beyond} pixels lie outside of the noise model's range", at_once=True)
            likelihood = likelihoods.of_model(model, device=find_device())
        loss = masked_losses.get(method["loss"], normalizer=normalizer, log_likelihood=likelihood)
        _training.train(
            snakemake.output,
            report,
            card=describe(
                snakemake.wildcards.items(),
                params.settings,
                patches=folder,
                noise_model=files.noise_model,
                threads=snakemake.threads,
                code=params.code,
            ),
            checkpoint=params.checkpoint,
            objective=Noise2Void((method["loss"], loss), method["masking"], normalizer=normalizer),
            probabilistic=False,
            patches=[NoisyPatches(part) for part in patches],
            images=_patches.read_images(folder),
            normalizer=normalizer,
            units=_patches.read_units(folder),
        )
