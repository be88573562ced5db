"""Register the pairs of one data set, and describe the quality of each."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import io, pairs, registration

        table = snakemake.input.pairs
        rows = pairs.parse_pairs(io.read_table(table), table=table)
        for pair in rows:
            pairs.read_pair(pair)
        report(f"read {len(rows)} pairs; all are sound")

        folder, quality, digests = Path(snakemake.output[0]), [], {}
        for pair in rows:
            low, high = pairs.read_pair(pair)
            pixel_size_um = low.pixel_size_um or snakemake.params.pixel_size_um
            first = digests.setdefault(io.pixels_sha256(low.pixels), pair.image)
            shift = registration.estimate_shift(low.pixels, high.pixels)
            aligned = registration.align(low.pixels, high.pixels, shift)
            for exposure, pixels in zip(("low", "high"), aligned, strict=True):
                path = folder / exposure / f"{pair.image}.tif"
                io.write_image(path, pixels, pixel_size_um=pixel_size_um)
            known_y, known_x = pair.known_shift or ("", "")
            quality.append(
                {
                    "image": pair.image,
                    "split": pair.split,
                    "shift_y": shift.y,
                    "shift_x": shift.x,
                    "shift_error": shift.error,
                    "confidence": shift.confidence,
                    "applied": "yes" if shift.significant else "no",
                    "known_shift_y": known_y,
                    "known_shift_x": known_x,
                    **vars(registration.pair_quality(*aligned)),
                    "duplicate_of": "" if first == pair.image else first,
                }
            )
            report(f"registered {pair.image}: shift {shift.y:+.2f}, {shift.x:+.2f} px")
        io.write_table(folder / "quality.tsv", quality)
        io.write_table(
            folder / "pairs.tsv",
            [
                {
                    "image": pair.image,
                    "split": pair.split,
                    "field": pair.field,
                    "low": pair.low,
                    "high": pair.high,
                    "page": "" if pair.page is None else pair.page,
                    "region": pairs.region_text(pair.region),
                }
                for pair in rows
            ],
        )
