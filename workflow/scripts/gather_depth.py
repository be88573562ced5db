"""Average how far the depths of every method are from the true ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _averages
        from denoisekit.statistics import depth

        _averages.write(
            snakemake.input,
            snakemake.output,
            snakemake.params,
            table=depth.depth_table,
            label="depth",
        )
