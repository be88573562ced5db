"""Note beside each trained network which weights and percentiles the study restores with."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files

        for path in snakemake.output:
            files.write_json(path, snakemake.params.settings)
