"""Measure how fine the images of one run are restored, beside the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _measured import rows_of
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation import resolution
        from denoisekit.files import write_table
        from denoisekit.simulate.synthetic import lines

        files, params, rows = snakemake.input, snakemake.params, []
        layout = lines.layout(params.lines) if params.lines else []
        pairs = [(pair.middle_px, pair.apart_px) for pair in layout]
        for pair in registered_pairs(files.registered, split="test"):
            low = read_exposure(files.registered, pair.image, "low")
            values = resolution.measure(
                read_exposure(files.registered, pair.image, "high").pixels,
                read_restored(files.registered, files.restored, pair.image).pixels,
                low.pixels,
                pixel_size_um=low.pixel_size_um or params.pixel_size_um,
                pairs=pairs,
            )
            rows += rows_of(params.identity, pair.image, values)
            report(f"measured {pair.image}")
        write_table(snakemake.output[0], rows)
