"""Measure how fine the restored stacks of one run are along z and across, beside the truth."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _measured import rows_of
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation import isotropy
        from denoisekit.files import write_table

        files, identity, rows = snakemake.input, snakemake.params.identity, []
        apart = Path(files.restored, "directions")
        for pair in registered_pairs(files.registered, split="test"):
            truth = read_exposure(files.registered, pair.image, "high").pixels
            image = read_restored(files.registered, files.restored, pair.image).pixels
            values = isotropy.measure(truth, image)
            if apart.is_dir():
                directions = read_restored(files.registered, apart, pair.image).pixels
                told = isotropy.tells_of_errors(truth, image, directions)
                values["directions"] = (told, float("nan"))
            rows += rows_of(identity, pair.image, values)
            report(f"measured {pair.image}")
        write_table(snakemake.output[0], rows)
