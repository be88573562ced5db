"""Gather the noise of every data set into one table."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files
        from denoisekit.statistics import noise, tables

        measured = {Path(path).stem: files.read_json(path) for path in snakemake.input}
        tables.write(snakemake.output[0], noise.gather(measured))
