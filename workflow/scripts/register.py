"""Register the pairs of one data set, and describe the quality of each."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import pair_table, registering

        table, params = snakemake.input.pairs, snakemake.params
        rows = pair_table.parse_pairs(files.read_table(table), table=table, **params.choice)
        registering.register(
            rows, snakemake.output[0], apply=params.register, blank=params.blank, report=report
        )
