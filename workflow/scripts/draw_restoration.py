"""Draw Figure 2: the truth and what the reference method restored."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _shown import choose_shown
        from denoisekit.figures import images

        files, settings = snakemake.input, snakemake.params.settings
        shown = choose_shown(snakemake)
        truth = shown.exposure(files.registered, "high")
        figure = images.draw_restoration(
            truth.pixels,
            shown.restored(files.restored, settings["reference"]),
            method=settings["reference"],
            pixel_size_um=truth.pixel_size_um,
        )
        save(figure, snakemake.output)
