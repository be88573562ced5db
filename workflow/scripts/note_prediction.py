"""Note beside each trained network which weights and percentiles the study restores with."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import io

        for path in snakemake.output:
            io.write_json(path, snakemake.params.settings)
