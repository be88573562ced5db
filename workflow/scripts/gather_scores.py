"""Gather the scores of every run into one long table."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit.statistics import scores, tables

        tables.write(snakemake.output[0], scores.gather(map(tables.read, snakemake.input)))
