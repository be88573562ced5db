"""Draw whether predicted intervals hold what they promise, and where errors lie."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import calibration as figures
        from denoisekit.statistics import calibration, tables

        curves = calibration.curves(tables.read(snakemake.input[0], calibration.AVERAGED))
        figure = figures.draw_calibration(
            curves[curves["experiment"] == snakemake.wildcards.experiment],
            methods=snakemake.params.methods,
        )
        save(figure, snakemake.output)
