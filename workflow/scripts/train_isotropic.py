"""Train one network on planes that are made like sections along z."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _patches
        import _training
        from _card import describe
        from denoisekit import losses
        from denoisekit.training.batches import PatchPairs
        from denoisekit.training.supervised import AlongOneAxis

        params, folder = snakemake.params, Path(snakemake.input.frames)
        loss = losses.get(params.settings["method"]["loss"], {})
        exposures = [_patches.read(folder, exposure) for exposure in ("low", "high")]
        card = describe(
            snakemake.wildcards.items(),
            params.settings,
            patches=folder,
            noise_model=None,
            threads=snakemake.threads,
            code=params.code,
        )
        _training.train(
            snakemake.output,
            report,
            card={"sees_brightness": loss.sees_brightness, **card},
            checkpoint=params.checkpoint,
            objective=AlongOneAxis(loss),
            probabilistic=False,
            patches=[PatchPairs(*parts) for parts in zip(*exposures, strict=True)],
            images=_patches.read_images(folder),
            normalizer=None,
            units=_patches.read_units(folder),
        )
