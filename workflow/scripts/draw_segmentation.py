"""Draw the objects found in one image of an experiment, as every method restored it."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _shown import choose_shown
        from denoisekit.datasets.labels import read_labels
        from denoisekit.figures.segmentation import Panel, draw_segmentation
        from denoisekit.images.image import plane_of
        from denoisekit.statistics.wording import method_label

        given, params = snakemake.input, snakemake.params
        shown = choose_shown(given, params, experiment=snakemake.wildcards.experiment)
        folders = {Path(folder).name: folder for folder in given.segmented}
        panels = [
            Panel(
                method_label(method),
                shown.restored(given, method),
                plane_of(read_labels(folders[run], shown.image)),
            )
            for method, run in params.runs.items()
        ]
        exposure = "high" if given.scores else "low"
        figure = draw_segmentation(
            shown.exposure(given.registered, exposure).pixels,
            plane_of(read_labels(given.labels, shown.image)),
            panels,
            pixel_size_um=params.pixel_size_um,
        )
        save(figure, snakemake.output)
