"""Measure how far the depths that one run tells of a sheet are from the true ones."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _measured import rows_of
        from denoisekit.datasets.registered import read_restored, registered_pairs
        from denoisekit.datasets.sheets import read_height
        from denoisekit.evaluation import depth
        from denoisekit.files import write_table

        files, identity, rows = snakemake.input, snakemake.params.identity, []
        for pair in registered_pairs(files.registered, split="test"):
            found, spread = (
                read_restored(files.registered, Path(files.restored, kind), pair.image).pixels
                for kind in ("height", "spread")
            )
            values = depth.measure(read_height(*files.heights, pair.image), found, spread)
            rows += rows_of(identity, pair.image, values)
            report(f"measured {pair.image}")
        write_table(snakemake.output[0], rows)
