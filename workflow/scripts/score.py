"""Score the restored images of one run."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import io, metrics, pairs

        files, identity, rows = snakemake.input, dict(snakemake.params.identity), []
        simulated = identity.pop("simulated")
        conventions = [
            row["convention"] for row in io.read_table(files.conventions) if row["defined"] == "yes"
        ]
        for pair, low, high in pairs.iterate_registered(files.registered, split="test"):
            image = io.read_image(Path(files.restored, f"{pair.image}.tif")).pixels
            scores = metrics.score_all(high.pixels, image, low=low.pixels, conventions=conventions)
            rows += [
                {
                    **identity,
                    "image": pair.image,
                    "simulated": simulated,
                    "convention": convention,
                    "metric": metric,
                    "value": value,
                }
                for convention, values in scores.items()
                for metric, value in values.items()
            ]
            report(f"scored {pair.image}")
        io.write_table(snakemake.output[0], rows)
