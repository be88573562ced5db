"""Train one network on pairs of images."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _patches
        import _training
        from denoisekit import losses
        from denoisekit.training.batches import PatchPairs
        from denoisekit.training.supervised import Supervised

        method = snakemake.params.settings["method"]
        loss = losses.get(method["loss"], method.get("options", {}))
        folder = _patches.find_folder(snakemake)
        normalizer = _patches.read_normalizer(folder)
        exposures = [_patches.read(folder, exposure) for exposure in ("low", "high")]
        if normalizer:
            exposures = [[normalizer.apply(part) for part in parts] for parts in exposures]
        _training.train(
            snakemake,
            report,
            objective=Supervised(loss),
            probabilistic=loss.probabilistic,
            patches=[PatchPairs(*parts) for parts in zip(*exposures, strict=True)],
            normalizer=normalizer,
        )
