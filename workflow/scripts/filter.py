"""Restore the images of one test set with one filter."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files, filters
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.errors import told_of
        from denoisekit.images.image import write_image
        from denoisekit.streaming import in_order

        settings, folder = snakemake.params.settings, Path(snakemake.output[0])
        outside = snakemake.params.outside
        registered, restore, rows = snakemake.input.registered, filters.get(settings["filter"]), []

        def work(pair):
            """Restore and write an image, and return its row of the table of strengths."""
            low = read_exposure(registered, pair.image, "low")
            with told_of(f"The image {pair.image}"):
                filtered = restore(low.pixels, outside=outside, **settings.get("options", {}))
            path = folder / f"{pair.image}.tif"
            pixel_size_um = low.pixel_size_um or snakemake.params.pixel_size_um
            write_image(path, filtered.pixels, pixel_size_um=pixel_size_um)
            return {"image": pair.image, **filtered.settings}

        images = registered_pairs(registered, split="test")
        for row in in_order(work, images, threads=snakemake.threads):
            rows.append(row)
            report(f"restored {row['image']}")
        files.write_table(folder / "strengths.tsv", rows)
