"""Draw samples of what a method predicts of an image, one member a frame, as a GIF."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _predicted_image
        from _figures import save_frames
        from denoisekit.evaluation.display import most_detailed
        from denoisekit.evaluation.flicker import sampled_frames

        files, params, method = snakemake.input, snakemake.params, snakemake.wildcards.scaled_method
        image = _predicted_image.read(files, params, experiment=snakemake.wildcards.experiment)
        samples, high = dict(params.samples), image.high.pixels
        window, milliseconds = most_detailed(high, samples.pop("side_px")), samples.pop("ms")
        frames = sampled_frames(
            high,
            image.mixtures[method],
            window=window,
            usable=image.usable,
            temperature=image.temperatures[method],
            **samples,
        )
        save_frames(frames, snakemake.output[0], milliseconds=milliseconds)
