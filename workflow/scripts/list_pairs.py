"""List the images that a data set's patterns find, as a pair table."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import folders

        settings = snakemake.params.settings
        where = f"datasets.{snakemake.wildcards.dataset}.folder"
        found = folders.find(settings["low"], settings.get("high"), where=where)
        rows = folders.list_rows(
            found,
            pages=settings["pages"],
            test=settings.get("test"),
            where=where,
            **snakemake.params.choice,
        )
        files.write_table(snakemake.output[0], rows)
        report(f"listed {len(rows)} images of {len(found)} files or pairs of files")
