"""Score the restored images of one run."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.evaluation.conventions import score_all
        from denoisekit.files import read_table, write_table
        from denoisekit.images.image import read_image
        from denoisekit.streaming import in_order

        files, identity, rows = snakemake.input, dict(snakemake.params.identity), []
        simulated = identity.pop("simulated")
        conventions = [
            row["convention"] for row in read_table(files.conventions) if row["defined"] == "yes"
        ]

        def score(pair):
            """Return an image's name and its scores."""
            low, high = (
                read_exposure(files.registered, pair.image, exposure).pixels
                for exposure in ("low", "high")
            )
            image = read_image(Path(files.restored, f"{pair.image}.tif")).pixels
            return pair.image, score_all(high, image, low=low, conventions=conventions)

        images = registered_pairs(files.registered, split="test")
        for name, scores in in_order(score, images, threads=snakemake.threads):
            rows += [
                {
                    **identity,
                    "image": name,
                    "simulated": simulated,
                    "convention": convention,
                    "metric": metric,
                    "value": value,
                }
                for convention, values in scores.items()
                for metric, value in values.items()
            ]
            report(f"scored {name}")
        write_table(snakemake.output[0], rows)
