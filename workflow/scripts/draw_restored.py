"""Draw every method's restoration of one image that has no truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _shown import choose_shown
        from denoisekit.figures import images
        from denoisekit.statistics.wording import method_label

        files, params = snakemake.input, snakemake.params
        shown = choose_shown(files, params, experiment=snakemake.wildcards.experiment)
        low = shown.exposure(files.registered, "low")
        panels = [
            images.Panel(method_label(method), shown.restored(files, method))
            for method in shown.runs
        ]
        figure = images.draw_restored(
            low.pixels,
            panels,
            inset_px=params.settings["inset_px"],
            pixel_size_um=low.pixel_size_um,
        )
        save(figure, snakemake.output)
