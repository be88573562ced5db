"""Fit a noise model to noisy images and what a first network made of them."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np
        import torch

        from _noise_model import evenly, fit
        from denoisekit import inference, io, models, noise_models, pairs, seeding
        from denoisekit.normalization import Normalizer

        settings, files = snakemake.params.settings, snakemake.input
        seeding.seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        card = io.read_json(files.card)
        network = models.load(files.weights, card, device=device)
        options = {k: v for k, v in snakemake.params.prediction.items() if k != "weights"}
        rows = pairs.registered_pairs(files.registered, split=snakemake.params.split)
        signal, noisy = [], []
        for pair in evenly(rows, settings["images"]):
            pixels = pairs.read_exposure(files.registered, pair.image, "low").pixels
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
        noise_models.save_noise_model(snakemake.output[0], model)
        low, high = model.signals
        report(f"learned; valid for signals from {low:g} to {high:g}", at_once=True)
