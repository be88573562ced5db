"""Draw what methods make of less and less light."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import dose as figures
        from denoisekit.statistics import dose, tables

        sweep, params = snakemake.wildcards.sweep, snakemake.params
        means = tables.read(snakemake.input.means, dose.COLUMNS)
        least = tables.read(snakemake.input.least, dose.LEAST)
        figure = figures.draw_dose(
            means[means["sweep"] == sweep],
            least[least["sweep"] == sweep],
            settings=params.settings,
            methods=params.methods,
        )
        save(figure, snakemake.output)
