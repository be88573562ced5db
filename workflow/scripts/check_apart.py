"""Prove that no image to test on, nor a shifted copy of one, is trained on."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import networks
        from denoisekit.datasets import leakage, pairs
        from denoisekit.datasets.registered import read_registered
        from denoisekit.files import write_table
        from denoisekit.images.image import read_image

        settings = snakemake.params.settings
        reaches = [
            networks.build(network, dims=2, probabilistic=False).reach
            for network in settings["networks"]
        ]
        folders = dict(zip(snakemake.params.datasets, snakemake.input.registered, strict=True))
        tables = {name: read_registered(folder) for name, folder in folders.items()}

        def pictures(dataset: str, chosen: list[pairs.Pair]) -> dict[str, np.ndarray]:
            """Return the high exposures of pairs of a data set, by name."""
            files = {p.image: Path(folders[dataset], "high", f"{p.image}.tif") for p in chosen}
            return {image: read_image(file).pixels for image, file in files.items()}

        rows = []
        for train, split, test in settings["compared"]:
            # Networks that learn from the images to test on see no truth, by the config's schema.
            trained = [p for p in tables[train] if p.split == split] if split == "train" else []
            tested = [pair for pair in tables[test] if pair.split == "test"]
            if not trained or not pairs.has_truth(tested):
                nothing = dict.fromkeys(("test_image", "train_image", "resemblance"), "")
                rows.append({"train": train, "test": test, **nothing})
                report(f"of {train} nothing is trained on, or of {test} nothing is scored")
                continue
            leakage.check_apart(trained, tested, guard_px=max(reaches, default=0))
            matches = leakage.compare(
                pictures(train, pairs.scenes(trained)), pictures(test, pairs.scenes(tested))
            )
            leakage.check_unlike(matches, train=train, test=test)
            rows += [{"train": train, "test": test, **vars(match)} for match in matches]
            report(f"{test} is apart from {train}, which networks are trained on")
        write_table(snakemake.output[0], rows)
