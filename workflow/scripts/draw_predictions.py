"""Draw what methods predict of an image: a line profile with its band, and samples as GIFs."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _predicted_image
        from _figures import save, save_frames
        from _shown import choose_shown
        from denoisekit.evaluation import profiles
        from denoisekit.evaluation.display import most_detailed
        from denoisekit.evaluation.flicker import sampled_frames
        from denoisekit.figures import calibration as figures

        files, params, outputs = snakemake.input, snakemake.params, snakemake.output
        shown = choose_shown(
            files,
            experiment=snakemake.wildcards.experiment,
            runs=params.runs,
            settings=params.settings,
            pixel_size_um=params.pixel_size_um,
        )
        image = _predicted_image.read(shown, files, params.members, outside=params.outside)
        high, low = image.high.pixels, image.low.pixels
        level, samples = params.line["level"], dict(params.samples)
        line = profiles.most_contrasted(high, image.usable, length_px=params.line["length_px"])
        window, milliseconds = most_detailed(high, samples.pop("side_px")), samples.pop("ms")
        found = {}
        for (method, mixture), output in zip(image.mixtures.items(), outputs.samples, strict=True):
            said = {"usable": image.usable, "temperature": image.temperatures[method]}
            found[method] = profiles.profile(high, low, mixture, line=line, level=level, **said)
            frames = sampled_frames(high, mixture, window=window, **said, **samples)
            save_frames(frames, output, milliseconds=milliseconds)
        figure = figures.draw_profile(
            high,
            found,
            image=shown.image,
            line=line,
            level=level,
            methods=params.settings["methods"],
            pixel_size_um=image.high.pixel_size_um,
        )
        save(figure, outputs)
