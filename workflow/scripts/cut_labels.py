"""Cut the labels of whole stacks to what is restored of those of which planes are left out."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.labels import read_labels, write_labels
        from denoisekit.datasets.registered import read_exposure, read_registered

        given, folder = snakemake.input, Path(snakemake.output[0])
        for pair in read_registered(given.registered):
            if not Path(given.labels, f"{pair.image}.tif").is_file():
                continue
            low = read_exposure(given.registered, pair.image, "low")
            # The last plane that is kept is the last one that is restored.
            labels = read_labels(given.labels, pair.image)[: len(low.pixels)]
            write_labels(folder / f"{pair.image}.tif", labels, like=low)
            report(f"cut the labels of {pair.image} to {len(labels)} planes")
