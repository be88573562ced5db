"""Simulate the widefield images of one data set, and the sharp truth beside each."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import tifffile

        from denoisekit import files
        from denoisekit.simulate import synthetic

        params, output, rows = snakemake.params, snakemake.output, []
        settings = {**params.settings, "pixel_size_um": params.pixel_size_um}
        count = settings["train_images"] + settings["test_images"]
        made = synthetic.get(settings["structure"])(settings, settings["seed"])
        with (
            files.replacing(output.low) as low,
            files.replacing(output.high) as high,
            tifffile.TiffWriter(low) as lows,
            tifffile.TiffWriter(high) as highs,
        ):
            for page, pair in enumerate(made):
                # Without metadata all pages are one stack, to Fiji as well.
                for writer, pixels in ((lows, pair.low), (highs, pair.high)):
                    writer.write(pixels, contiguous=False, compression="zlib", metadata=None)
                rows.append(pair.row(low=output.low, high=output.high, page=page))
                report(f"simulated {pair.image}, {len(rows)} of {count}")
        files.write_table(output.pairs, rows)
