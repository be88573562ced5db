"""Gather the scores of every run into one long table."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit.statistics import scores, tables

        parts = [tables.read(path, scores.SCORES) for path in snakemake.input]
        tables.write(snakemake.output[0], scores.gather(parts))
