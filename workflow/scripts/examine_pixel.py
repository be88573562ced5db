"""Look at the prior and the posterior of one pixel of one image."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import torch

        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.evaluation import display
        from denoisekit.files import read_json, write_json
        from denoisekit.images.image import read_image
        from denoisekit.images.normalization import Normalizer
        from denoisekit.noise import models
        from denoisekit.restoring import likelihoods, pixel_posterior, weights

        files, params = snakemake.input, snakemake.params
        seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        card = read_json(files.card)
        model = models.load_noise_model(files.noise_model)
        first, *_ = registered_pairs(files.registered, split="test")
        restored = read_image(Path(files.restored, f"{first.image}.tif")).pixels
        window = display.most_detailed(restored, params.side_px)
        found = pixel_posterior.examine(
            weights.load(files.weights, card, device=device),
            read_exposure(files.registered, first.image, "low").pixels,
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
        write_json(snakemake.output[0], content)
        report(f"looked at the pixel {found.y}, {found.x} of {first.image} on the {device}")
