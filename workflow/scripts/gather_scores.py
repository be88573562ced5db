"""Gather the scores of every run into one long table."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import tables

        tables.write(snakemake.output[0], tables.gather(map(tables.read, snakemake.input)))
