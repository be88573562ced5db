"""Measure what the frames of one data set look like."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import io, pairs
        from denoisekit.looks import evenly_chosen, measure_looks

        folder = Path(snakemake.input[0])
        rows = pairs.read_registered(folder)
        chosen = evenly_chosen(rows, at_most=snakemake.params.at_most)
        frames = [
            tuple(
                io.read_image(folder / exposure / f"{pair.image}.tif").pixels
                for exposure in ("low", "high")
            )
            for pair in chosen
        ]
        looks = measure_looks(frames, fields=len({pair.field for pair in chosen}))
        io.write_json(snakemake.output[0], looks.card())
        report(f"measured {len(frames)} of {len(rows)} pairs")
