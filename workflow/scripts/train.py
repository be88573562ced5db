"""Train one network."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np
        import torch

        from _card import describe
        from denoisekit import checkpoints, io, losses, models, networks, seeding, training

        seed, settings = int(snakemake.wildcards.seed), snakemake.params.settings
        device = "cuda" if torch.cuda.is_available() else "cpu"
        loss = losses.get(settings["method"]["loss"], settings["method"].get("options", {}))
        low, high = (np.load(snakemake.input[e], mmap_mode="c") for e in ("low", "high"))
        subsets = np.array([row["subset"] for row in io.read_table(snakemake.input.positions)])
        training_patches, validation_patches = (
            training.PatchPairs(low[subsets == subset], high[subsets == subset])
            for subset in ("training", "validation")
        )
        card = describe(snakemake, device)
        checkpoint = checkpoints.Checkpoint(
            snakemake.params.checkpoint, identity=card, report=report
        )
        seeding.seed_everything(seed, threads=snakemake.threads)
        network = networks.build(
            settings["network"], dims=low.ndim - 1, probabilistic=loss.probabilistic
        )
        report(f"training {models.count_parameters(network)} parameters on the {device}")
        trained = training.train(
            network,
            loss,
            training_patches,
            validation_patches,
            settings=training.Settings(**settings["training"]),
            seed=seed,
            device=device,
            report=report,
            state=checkpoint.load(),
            keep=checkpoint.keep,
        )
        models.save_weights(snakemake.output.best, trained.best)
        models.save_weights(snakemake.output.last, trained.last)
        io.write_table(snakemake.output.history, trained.history)
        io.write_json(
            snakemake.output.card,
            {
                **card,
                "dims": low.ndim - 1,
                "probabilistic": loss.probabilistic,
                "parameters": models.count_parameters(network),
                "training_patches": len(training_patches.low),
                "validation_patches": len(validation_patches.low),
                "best_epoch": trained.best_epoch,
                "seconds": trained.history[-1]["seconds"],
            },
        )
        checkpoint.remove()
