"""Restore the images of one test set with one network."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import torch

        from _restoring import restore_all
        from denoisekit import files
        from denoisekit.computing import seed_everything
        from denoisekit.images.normalization import Normalizer
        from denoisekit.restoring import inference, weights

        seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        card = files.read_json(snakemake.input.card)
        network = weights.load(snakemake.input.weights, card, device=device)
        settings = {k: v for k, v in snakemake.params.settings.items() if k != "weights"}
        if card["normalizer"]:
            settings["normalizer"] = Normalizer(**card["normalizer"])

        def restore(pixels, name):
            """Return the restored image, and its scale where there is one."""
            found = inference.restore(network, pixels, **settings, device=device, name=name)
            return {"": found.mean} | ({} if found.scale is None else {"scale": found.scale})

        for name in restore_all(snakemake, restore):
            report(f"restored {name} on the {device}")
