"""Score the restored images of one run."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import io, metrics, pairs

        identity, rows = dict(snakemake.params.identity), []
        simulated = identity.pop("simulated")
        registered, restored = snakemake.input.registered, Path(snakemake.input.restored)
        for pair, low, high in pairs.iterate_registered(registered, split="test"):
            image = io.read_image(restored / f"{pair.image}.tif").pixels
            for convention in snakemake.params.conventions:
                scores = metrics.score(high.pixels, image, low=low.pixels, convention=convention)
                rows += [
                    {
                        **identity,
                        "image": pair.image,
                        "simulated": simulated,
                        "convention": convention,
                        "metric": metric,
                        "value": value,
                    }
                    for metric, value in scores.items()
                ]
            report(f"scored {pair.image}")
        io.write_table(snakemake.output[0], rows)
