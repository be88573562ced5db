"""Draw Figure 1: the long and the short exposure of one field."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _shown import choose_shown
        from denoisekit.figures import images

        files, params = snakemake.input, snakemake.params
        shown = choose_shown(files, params, experiment=snakemake.wildcards.experiment)
        high = shown.exposure(files.registered, "high")
        low = shown.exposure(files.registered, "low")
        figure = images.draw_exposures(high.pixels, low.pixels, pixel_size_um=high.pixel_size_um)
        save(figure, snakemake.output)
