"""Register the pairs of one data set, and describe the quality of each."""

from dataclasses import replace
from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import pair_table, registration
        from denoisekit.datasets.registered import registered_row
        from denoisekit.errors import told_of
        from denoisekit.images.image import pixels_sha256, write_image
        from denoisekit.noise import usable

        table, params = snakemake.input.pairs, snakemake.params
        options = {"outside": params.outside}
        rows = pair_table.parse_pairs(files.read_table(table), table=table)
        # From the last page, so that a stack that is too short is known at once.
        for pair in sorted(rows, key=lambda pair: pair.page or 0, reverse=True):
            pair_table.read_pair(pair, **options)
        report(f"read {len(rows)} images or pairs; all are sound")

        folder, quality, digests = Path(snakemake.output[0]), [], {}
        for pair in rows:
            low, high = pair_table.read_pair(pair, **options)
            first = digests.setdefault(pixels_sha256(low.pixels), pair.image)
            images, shift = {"low": low.pixels}, None
            if high is not None:
                with told_of(f"The image {pair.image}"):
                    shift = registration.estimate_shift(low.pixels, high.pixels, **options)
                if not params.register:
                    shift = replace(shift, significant=False)
                aligned = registration.align(low.pixels, high.pixels, shift, **options)
                images = dict(zip(("low", "high"), aligned, strict=True))
            measure = registration.image_quality if shift is None else registration.pair_quality
            measured = measure(*images.values(), **options)
            for exposure, pixels in images.items():
                path = folder / exposure / f"{pair.image}.tif"
                kept = usable.without_points(pixels, **options) if params.repair else pixels
                write_image(path, kept, pixel_size_um=low.pixel_size_um)
            quality.append(
                registration.quality_row(
                    pair, shift, measured, first=first, repair=bool(params.repair)
                )
            )
            found = f"shift {shift.y:+.2f}, {shift.x:+.2f} px" if shift else "no high exposure"
            report(f"registered {pair.image}: {found}")
        files.write_table(folder / "quality.tsv", quality)
        files.write_table(folder / "pairs.tsv", [registered_row(pair) for pair in rows])
