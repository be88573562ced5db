"""Draw what methods predict of an image along a line, with the band that should hold it."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _predicted_image
        from _figures import save
        from denoisekit.evaluation import profiles
        from denoisekit.figures import calibration as figures

        files, params = snakemake.input, snakemake.params
        image = _predicted_image.read(files, params, experiment=snakemake.wildcards.experiment)
        high, low = image.high.pixels, image.low.pixels
        level = params.line["level"]
        line = profiles.most_contrasted(high, image.usable, length_px=params.line["length_px"])
        found = {
            method: profiles.profile(
                high,
                low,
                mixture,
                line=line,
                level=level,
                usable=image.usable,
                temperature=image.temperatures[method],
            )
            for method, mixture in image.mixtures.items()
        }
        figure = figures.draw_profile(
            high,
            found,
            image=image.shown.image,
            line=line,
            level=level,
            methods=params.settings["methods"],
            pixel_size_um=image.high.pixel_size_um,
        )
        save(figure, snakemake.output)
