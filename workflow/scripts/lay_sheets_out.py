"""Lay the stacks of one data set out beside the planes of their sheets."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import pair_table
        from denoisekit.datasets.sheets import write_sheets

        params, outputs = snakemake.params, snakemake.output
        table = params.table
        rows = write_sheets(
            pair_table.parse_pairs(files.read_table(table), table=table, **params.choice),
            outputs.images,
            outputs.stacks,
            pixel_size_um=params.pixel_size_um,
            stride=params.stride,
            repair=params.repair == "hot",
            as_patches=params.as_patches,
            report=report,
        )
        files.write_table(outputs.pairs, rows)
