"""Restore the images of one test set with one filter."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import filters, io, pairs

        settings, folder = snakemake.params.settings, Path(snakemake.output[0])
        restore, rows = filters.get(settings["filter"]), []
        for pair, low, _ in pairs.iterate_registered(snakemake.input.registered, split="test"):
            filtered = restore(low.pixels, **settings.get("options", {}))
            path = folder / f"{pair.image}.tif"
            pixel_size_um = low.pixel_size_um or snakemake.params.pixel_size_um
            io.write_image(path, filtered.pixels, pixel_size_um=pixel_size_um)
            rows.append({"image": pair.image, **filtered.settings})
            report(f"restored {pair.image}")
        io.write_table(folder / "strengths.tsv", rows)
