"""Thin the short exposures of one data set."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.thinned import write_thinned
        from denoisekit.files import write_table

        outputs = snakemake.output
        rows, lights = write_thinned(
            snakemake.input[0], outputs.images, snakemake.params.settings, report=report
        )
        write_table(outputs.pairs, rows)
        write_table(outputs.light, lights)
