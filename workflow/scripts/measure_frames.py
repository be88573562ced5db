"""Measure what single frames of one data set look like: those to learn from, if there are any."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.errors import told_of
        from denoisekit.evaluation.looks import evenly_chosen, measure_frame

        folder, rows = Path(snakemake.input[0]), []
        pairs = read_registered(folder)
        learned = [pair for pair in pairs if pair.split == "train"]
        for pair in evenly_chosen(learned or pairs, at_most=snakemake.params.at_most):
            pixels = read_exposure(folder, pair.image, "low").pixels
            with told_of(f"The image {pair.image}"):
                values = measure_frame(pixels)
            rows += [{"image": pair.image, "quantity": n, "value": v} for n, v in values.items()]
        files.write_table(snakemake.output[0], rows)
        report(f"measured {len({row['image'] for row in rows})} of {len(pairs)} images")
