"""Score the restored images of one run."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.errors import told_of
        from denoisekit.evaluation.conventions import score_all, score_rows
        from denoisekit.files import read_table, write_table
        from denoisekit.streaming import in_order

        files, rows = snakemake.input, []
        conventions = [
            row["convention"] for row in read_table(files.conventions) if row["defined"] == "yes"
        ]

        def score(pair):
            """Return an image's name and its scores."""
            low, high = (
                read_exposure(files.registered, pair.image, exposure).pixels
                for exposure in ("low", "high")
            )
            image = read_restored(files.registered, files.restored, pair.image).pixels
            with told_of(f"The image {pair.image}"):
                return pair.image, score_all(
                    high, image, low=low, conventions=conventions, outside=snakemake.params.outside
                )

        images = registered_pairs(files.registered, split="test")
        for name, scores in in_order(score, images, threads=snakemake.threads):
            rows += score_rows(scores, image=name, **snakemake.params.identity)
            report(f"scored {name}")
        write_table(snakemake.output[0], rows)
