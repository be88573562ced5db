"""Train one network on pairs of images."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _patches
        import _training
        from _card import describe
        from denoisekit import losses
        from denoisekit.training.batches import ChannelPairs, PatchPairs
        from denoisekit.training.supervised import Jointly, Supervised

        files, params = snakemake.input, snakemake.params
        method = params.settings["method"]
        loss = losses.get(method["loss"], method.get("options", {}))
        folder = Path(files.get("frames") or Path(files.low).parent)
        joint = "channels" in params.settings
        pairs, objective = (ChannelPairs, Jointly) if joint else (PatchPairs, Supervised)
        normalizer = _patches.read_normalizer(folder)
        exposures = [_patches.read(folder, exposure) for exposure in ("low", "high")]
        if normalizer:
            exposures = [[normalizer.apply(part) for part in parts] for parts in exposures]
        _training.train(
            snakemake.output,
            report,
            card={
                "sees_brightness": loss.sees_brightness,
                **describe(
                    snakemake.wildcards.items(),
                    params.settings,
                    patches=folder,
                    noise_model=None,
                    threads=snakemake.threads,
                    code=params.code,
                ),
            },
            checkpoint=params.checkpoint,
            objective=objective(loss),
            probabilistic=loss.probabilistic,
            patches=[pairs(*parts) for parts in zip(*exposures, strict=True)],
            images=_patches.read_images(folder),
            normalizer=normalizer,
            units=_patches.read_units(folder),
        )
