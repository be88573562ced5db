"""Simulate the images of one data set."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import tifffile

        from denoisekit import files
        from denoisekit.simulate.pairs import simulate_pairs

        params = snakemake.params
        settings = {**params.settings, "pixel_size_um": params.pixel_size_um}
        rows = []
        with (
            files.replacing(snakemake.output.low) as low_path,
            files.replacing(snakemake.output.high) as high_path,
            tifffile.TiffWriter(low_path) as low,
            tifffile.TiffWriter(high_path) as high,
        ):
            for page, pair in enumerate(simulate_pairs(settings, seed=settings["seed"])):
                for stack, pixels in ((low, pair.low), (high, pair.high)):
                    # Without metadata all pages are one stack, to Fiji as well.
                    stack.write(pixels, contiguous=False, compression="zlib", metadata=None)
                rows.append(
                    pair.row(low=snakemake.output.low, high=snakemake.output.high, page=page)
                )
                report(f"simulated {pair.image} of {pair.field}")
        files.write_table(snakemake.output.pairs, rows)
