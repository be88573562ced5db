"""Restore the images of one test set with one filter."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files, filters
        from denoisekit.datasets.registered import read_exposure, registered_pairs, restored_to
        from denoisekit.datasets.sparse import read_sparse
        from denoisekit.errors import told_of
        from denoisekit.streaming import in_order

        params, folder = snakemake.params, Path(snakemake.output[0])
        settings, outside = params.settings, params.outside
        size = {"pixel_size_um": params.pixel_size_um, "z_spacing_um": params.z_spacing_um}
        registered, restore, rows = snakemake.input.registered, filters.get(settings["filter"]), []
        options, planes = settings.get("options", {}), snakemake.input.planes

        def work(pair):
            """Return an image's name, the restored one, and how it was filtered."""
            low = read_exposure(registered, pair.image, "low")
            spacing = low.spacing_um or params.z_spacing_um
            pixel = low.pixel_size_um or params.pixel_size_um
            known = {"aspect": spacing / pixel if spacing else None, "pixel_size_um": pixel}
            sparse = read_sparse(planes, pair.image) if planes else None
            with told_of(f"The image {pair.image}"):
                filtered = restore(low.pixels, outside=outside, sparse=sparse, **known, **options)
            return pair.image, filtered.pixels, filtered.settings

        images = registered_pairs(registered, split="test")
        with restored_to(folder, registered=registered, **size) as write:
            for name, pixels, used in in_order(work, images, threads=snakemake.threads):
                write(name, pixels)
                rows.append({"image": name, **used})
                report(f"restored {name}")
        files.write_table(folder / "strengths.tsv", rows)
