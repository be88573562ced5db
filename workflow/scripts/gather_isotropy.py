"""Average how fine every method's stacks are along z and across, beside the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _averages
        from denoisekit.statistics import isotropy

        _averages.write(
            snakemake.input,
            snakemake.output,
            snakemake.params,
            table=isotropy.isotropy_table,
            label="isotropy",
        )
