"""Look at the prior and the posterior of one pixel of one image."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import torch

        from denoisekit import (
            display,
            io,
            likelihoods,
            models,
            noise_models,
            one_pixel,
            pairs,
            seeding,
        )
        from denoisekit.normalization import Normalizer

        files, params = snakemake.input, snakemake.params
        seeding.seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        card = io.read_json(files.card)
        model = noise_models.load_noise_model(files.noise_model)
        first, *_ = pairs.registered_pairs(files.registered, split="test")
        restored = io.read_image(Path(files.restored, f"{first.image}.tif")).pixels
        window = display.most_detailed(restored, params.side_px)
        found = one_pixel.examine(
            models.load(files.weights, card, device=device),
            pairs.read_exposure(files.registered, first.image, "low").pixels,
            window=window,
            normalizer=Normalizer(**card["normalizer"]),
            log_likelihood=likelihoods.of_model(model, device=device),
            precision=params.precision,
            device=device,
            name=first.image,
        )
        content = {
            "image": first.image,
            "window": [[part.start, part.stop] for part in window],
            "y": found.y,
            "x": found.x,
            "observed": found.observed,
            "mmse": found.mmse,
            "prior_mean": found.prior_mean,
        }
        lists = ("samples", "weights", "signals", "log_likelihoods")
        content |= {name: getattr(found, name).tolist() for name in lists}
        io.write_json(snakemake.output[0], content)
        report(f"looked at the pixel {found.y}, {found.x} of {first.image} on the {device}")
