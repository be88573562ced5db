"""Look at the prior and the posterior of one pixel of one image."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation import display
        from denoisekit.files import read_json, write_json
        from denoisekit.images.image import plane_of
        from denoisekit.noise import models, usable
        from denoisekit.restoring import likelihoods, model, pixel_posterior

        files, params = snakemake.input, snakemake.params
        seed_everything(0, threads=snakemake.threads)
        trained = model.load(files.weights, read_json(files.card))
        noise = models.load_noise_model(files.noise_model)
        first, *_ = registered_pairs(files.registered, split="test")
        pixels = read_exposure(files.registered, first.image, "low").pixels
        odd = usable.find(pixels, outside=params.outside, name=first.image)
        restored = read_restored(files.registered, files.restored, first.image).pixels
        window = display.most_detailed(plane_of(usable.repaired(restored, odd)), params.side_px)
        found = pixel_posterior.examine(
            trained.network,
            usable.repaired(pixels, odd),
            window=window,
            normalizer=trained.normalizer,
            log_likelihood=likelihoods.of_model(noise, device=trained.device),
            precision=params.precision,
            device=trained.device,
            name=first.image,
        )
        content = {"image": first.image, "window": [[part.start, part.stop] for part in window]}
        write_json(snakemake.output[0], content | found.card())
        report(f"looked at the pixel {found.y}, {found.x} of {first.image} on the {trained.device}")
