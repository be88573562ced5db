"""Restore the images of one test set with one filter."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files, filters
        from denoisekit.datasets.registered import read_exposure, registered_pairs, restored_to
        from denoisekit.errors import told_of
        from denoisekit.streaming import in_order

        settings, folder = snakemake.params.settings, Path(snakemake.output[0])
        outside = snakemake.params.outside
        registered, restore, rows = snakemake.input.registered, filters.get(settings["filter"]), []

        def work(pair):
            """Return an image's name, the restored one, and how it was filtered."""
            low = read_exposure(registered, pair.image, "low")
            with told_of(f"The image {pair.image}"):
                filtered = restore(low.pixels, outside=outside, **settings.get("options", {}))
            return pair.image, filtered.pixels, filtered.settings

        images = registered_pairs(registered, split="test")
        size = snakemake.params.pixel_size_um
        with restored_to(folder, registered=registered, pixel_size_um=size) as write:
            for name, pixels, used in in_order(work, images, threads=snakemake.threads):
                write(name, pixels)
                rows.append({"image": name, **used})
                report(f"restored {name}")
        files.write_table(folder / "strengths.tsv", rows)
