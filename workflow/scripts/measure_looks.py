"""Measure what the frames of one data set look like."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.evaluation.looks import evenly_chosen, measure_looks

        folder = Path(snakemake.input[0])
        rows = read_registered(folder)
        chosen = evenly_chosen(rows, at_most=snakemake.params.at_most)
        frames = [
            tuple(
                read_exposure(folder, pair.image, exposure).pixels for exposure in ("low", "high")
            )
            for pair in chosen
        ]
        looks = measure_looks(frames, fields=len({pair.field for pair in chosen}))
        files.write_json(snakemake.output[0], looks.card())
        report(f"measured {len(frames)} of {len(rows)} pairs")
