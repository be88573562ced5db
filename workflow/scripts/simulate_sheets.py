"""Simulate the stacks of one data set, and the plane of the sheet in each."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import tifffile

        from denoisekit import files
        from denoisekit.simulate.volumes import sheet

        params, output, rows = snakemake.params, snakemake.output, []
        sizes = {"pixel_size_um": params.pixel_size_um, "z_spacing_um": params.z_spacing_um}
        settings = {**params.settings, **sizes}
        count = settings["train_images"] + settings["test_images"]
        made = sheet.simulate(settings, settings["seed"])
        depths = sheet.heights(settings, settings["seed"])
        per_um = 1 / params.pixel_size_um
        metadata = {"axes": "TZYX", "spacing": params.z_spacing_um, "unit": "um"}
        options = {"resolution": (per_um, per_um), "metadata": metadata}
        shape = (count, *settings["shape"])
        with (
            files.replacing(output.low) as low,
            files.replacing(output.high) as high,
            files.replacing(output.height) as height,
        ):
            stacks = tifffile.memmap(low, shape=shape, imagej=True, dtype="uint16", **options)
            with tifffile.TiffWriter(high) as planes, tifffile.TiffWriter(height) as surfaces:
                for page, (pair, depth) in enumerate(zip(made, depths, strict=True)):
                    stacks.reshape(shape)[page] = pair.low
                    stacks.flush()
                    # Without metadata all pages are one stack, to Fiji as well.
                    for writer, pixels in ((planes, pair.high), (surfaces, depth)):
                        writer.write(pixels, contiguous=False, compression="zlib", metadata=None)
                    rows.append(pair.row(low=output.low, high=output.high, page=page))
                    report(f"simulated {pair.image}, {len(rows)} of {count}")
        files.write_table(output.pairs, rows)
