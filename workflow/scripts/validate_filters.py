"""Score what filters make of the images that are kept from training."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _validating
        from denoisekit import files, filters
        from denoisekit.errors import told_of

        params = snakemake.params

        def restore(pixels, name, method):
            """Return an image as a filter restores it."""
            entry = params.filters[method]
            with told_of(f"The image {name}"):
                apply, options = filters.get(entry["filter"]), entry.get("options", {})
                report(f"restoring {name} with {method}")
                size = params.pixel_size_um
                return apply(pixels, outside=params.outside, pixel_size_um=size, **options).pixels

        rows = _validating.rows(
            snakemake.input.registered,
            restore,
            methods=params.filters,
            settings=params.settings,
            outside=params.outside,
            report=report,
        )
        files.write_table(snakemake.output[0], rows)
