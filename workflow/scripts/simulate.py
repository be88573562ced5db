"""Simulate the images of one data set."""

import contextlib

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import tifffile

        from denoisekit import files
        from denoisekit.simulate import volumes
        from denoisekit.simulate.pairs import simulate_pairs

        params, output, rows = snakemake.params, snakemake.output, []
        settings, spacing = {**params.settings, "pixel_size_um": params.pixel_size_um}, None
        if params.z_spacing_um is None:
            made = simulate_pairs(settings, seed=settings["seed"])
        else:
            spacing = settings["z_spacing_um"] = params.z_spacing_um
            made = volumes.get(settings["structure"])(settings, settings["seed"])
            shape = (settings["train_images"] + settings["test_images"], *settings["shape"])
        movies = settings.get("movie_frames", 0) * (1 + settings.get("train_movies", 0))
        count = settings["train_images"] + settings["test_images"] + movies
        with contextlib.ExitStack() as closing:
            paths = [closing.enter_context(files.replacing(path)) for path in output[:2]]
            if spacing:
                per_um = 1 / params.pixel_size_um
                options = {
                    "imagej": True,
                    "dtype": "uint16",
                    "resolution": (per_um, per_um),
                    "metadata": {"axes": "TZYX", "spacing": spacing, "unit": "um"},
                }
                stacks = [tifffile.memmap(path, shape=shape, **options) for path in paths]
            else:
                stacks = [closing.enter_context(tifffile.TiffWriter(path)) for path in paths]
            for page, pair in enumerate(made):
                for stack, pixels in zip(stacks, (pair.low, pair.high), strict=True):
                    if spacing:
                        stack.reshape(shape)[page] = pixels
                        stack.flush()
                    else:
                        # Without metadata all pages are one stack, to Fiji as well.
                        stack.write(pixels, contiguous=False, compression="zlib", metadata=None)
                rows.append(pair.row(low=output.low, high=output.high, page=page))
                report(f"simulated {pair.image}, {len(rows)} of {count}")
        files.write_table(output.pairs, rows)
