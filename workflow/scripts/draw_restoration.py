"""Draw Figure 2: the truth and what the reference method restored."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _shown import choose_shown
        from denoisekit.figures import images

        files, params = snakemake.input, snakemake.params
        shown = choose_shown(files, params, experiment=snakemake.wildcards.experiment)
        truth = shown.exposure(files.registered, "high")
        figure = images.draw_restoration(
            truth.pixels,
            shown.restored(files, params.settings["reference"]),
            method=params.settings["reference"],
            pixel_size_um=truth.pixel_size_um,
        )
        save(figure, snakemake.output)
