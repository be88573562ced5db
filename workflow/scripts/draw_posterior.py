"""Draw what is known of one pixel's signal, and the noise model that it is known by."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import numpy as np

        from _figures import save
        from denoisekit.datasets.registered import read_exposure
        from denoisekit.figures import posterior
        from denoisekit.files import read_json
        from denoisekit.images.image import plane_of
        from denoisekit.noise import models

        files, found = snakemake.input, read_json(snakemake.input.pixel)
        window = tuple(slice(*part) for part in found["window"])
        low = read_exposure(files.registered, found["image"], "low")
        truth = None
        if snakemake.params.has_truth:
            high = read_exposure(files.registered, found["image"], "high").pixels
            truth = float(plane_of(high)[found["y"], found["x"]])
        lists = ("samples", "weights", "signals", "log_likelihoods")
        pixel = posterior.PixelView(
            detail=plane_of(low.pixels)[window],
            y=found["y"] - window[0].start,
            x=found["x"] - window[1].start,
            truth=truth,
            **{name: found[name] for name in ("observed", "mmse", "prior_mean")},
            **{name: np.array(found[name]) for name in lists},
        )
        figure = posterior.draw_posterior(
            pixel,
            models.load_noise_model(files.noise_model),
            pixel_size_um=low.pixel_size_um or snakemake.params.pixel_size_um,
        )
        save(figure, snakemake.output)
