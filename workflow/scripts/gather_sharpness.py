"""Average how sharp every method's images are, beside the truth's own values."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _averages
        from denoisekit.statistics import sharpness

        _averages.write(
            snakemake.input,
            snakemake.output,
            snakemake.params,
            table=sharpness.sharpness_table,
            label="sharpness",
        )
