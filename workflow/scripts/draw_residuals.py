"""Map what was invented and erased in one image of an experiment: that with most of both."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _residuals import examined, noise_of
        from denoisekit import files
        from denoisekit.datasets.registered import read_exposure, read_restored
        from denoisekit.figures import residuals
        from denoisekit.images.image import plane_of
        from denoisekit.statistics import tables
        from denoisekit.statistics.residuals import MEASURED, most_flagged

        given, params = snakemake.input, snakemake.params
        folders = {Path(folder).name: folder for folder in given.restored}
        measured = tables.read(given.residuals, MEASURED)
        test_set = Path(given.restored[0]).parent.name
        image = most_flagged(measured, test_set=test_set, runs=list(params.runs.values()))
        noisy = read_exposure(given.registered, image, "low")
        noise = noise_of(noisy.pixels, files.read_json(given.card), outside=params.outside)
        panels = []
        for method, run in params.runs.items():
            restored = read_restored(given.registered, folders[run], image).pixels
            found = examined(
                noisy.pixels, restored, noise, settings=params.settings, outside=params.outside
            )
            panels.append(residuals.panel(method, plane_of(restored), found))
        size = noisy.pixel_size_um or params.pixel_size_um
        save(residuals.draw_residuals(panels, image=image, pixel_size_um=size), snakemake.output)
