"""Fit a noise model to noisy images and what a first network made of them."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np
        import torch

        from _noise_model import evenly, fit
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.files import read_json
        from denoisekit.images.normalization import Normalizer
        from denoisekit.noise import models
        from denoisekit.restoring import inference, weights

        settings, files = snakemake.params.settings, snakemake.input
        seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        card = read_json(files.card)
        network = weights.load(files.weights, card, device=device)
        options = {k: v for k, v in snakemake.params.prediction.items() if k != "weights"}
        rows = registered_pairs(files.registered, split=snakemake.params.split)
        signal, noisy = [], []
        for pair in evenly(rows, settings["images"]):
            pixels = read_exposure(files.registered, pair.image, "low").pixels
            restored = inference.restore(
                network,
                pixels,
                **options,
                device=device,
                name=pair.image,
                normalizer=Normalizer(**card["normalizer"]),
            )
            # A network may leave the camera's range; the signal cannot.
            signal.append(np.clip(restored.mean, *settings["values"]).ravel())
            noisy.append(pixels.ravel())
            report(f"restored {pair.image} on the {device}")
        model = fit(settings, np.concatenate(signal), np.concatenate(noisy))
        models.save_noise_model(snakemake.output[0], model)
        low, high = model.signals
        report(f"learned; valid for signals from {low:g} to {high:g}", at_once=True)
