"""Draw every method's restoration of one image that has no truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _sections
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
        detail = images.detail_without_truth(low.pixels, panels, params.settings["inset_px"])
        figure = images.draw_restored(
            low.pixels,
            panels,
            inset_px=params.settings["inset_px"],
            sections=_sections.read(
                shown, files, detail, truth=False, spacing_um=params.z_spacing_um
            ),
            pixel_size_um=low.pixel_size_um,
        )
        save(figure, snakemake.output)
