"""Draw what is known of one pixel's signal, and the noise model that it is known by."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import numpy as np

        from _figures import save
        from denoisekit import io, noise_models, pairs, plots

        files, found = snakemake.input, io.read_json(snakemake.input.pixel)
        window = tuple(slice(*part) for part in found["window"])
        low = pairs.read_exposure(files.registered, found["image"], "low")
        truth = None
        if snakemake.params.has_truth:
            high = pairs.read_exposure(files.registered, found["image"], "high").pixels
            truth = float(high[found["y"], found["x"]])
        lists = ("samples", "weights", "signals", "log_likelihoods")
        pixel = plots.PixelView(
            detail=low.pixels[window],
            y=found["y"] - window[0].start,
            x=found["x"] - window[1].start,
            truth=truth,
            **{name: found[name] for name in ("observed", "mmse", "prior_mean")},
            **{name: np.array(found[name]) for name in lists},
        )
        figure = plots.draw_posterior(
            pixel,
            noise_models.load_noise_model(files.noise_model),
            pixel_size_um=low.pixel_size_um or snakemake.params.pixel_size_um,
        )
        save(figure, snakemake.output)
