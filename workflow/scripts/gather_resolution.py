"""Average how fine every method's images are restored, beside the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _averages
        from denoisekit.statistics import resolution

        _averages.write(
            snakemake.input,
            snakemake.output,
            snakemake.params,
            table=resolution.resolution_table,
            label="resolution",
        )
