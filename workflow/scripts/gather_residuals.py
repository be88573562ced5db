"""Gather what residuals tell of every image into one table."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.statistics import residuals, tables

        parts = [tables.read(path, residuals.MEASURED) for path in snakemake.input]
        tables.write(snakemake.output[0], pd.concat(parts, ignore_index=True))
