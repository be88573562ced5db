"""Prove that no image to test on, nor a shifted copy of one, is trained on."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import io, networks, pairs, registration

        settings = snakemake.params.settings
        guard_px = max(
            networks.build(network, dims=2, probabilistic=False).reach
            for network in settings["networks"].values()
        )
        folders = dict(zip(snakemake.params.datasets, snakemake.input.registered, strict=True))
        tables = {name: pairs.read_registered(folder) for name, folder in folders.items()}
        datasets = dict.fromkeys(
            (
                settings["train_sets"][entry["train_set"]]["dataset"],
                settings["test_sets"][entry["test_set"]]["dataset"],
            )
            for entry in settings["experiments"].values()
        )

        def signatures(dataset: str, split: str) -> dict[str, object]:
            """Return one picture's signature per field: frames of a movie show the same cell."""
            fields = {pair.field: pair for pair in reversed(tables[dataset]) if pair.split == split}
            return {
                pair.image: registration.signature(
                    io.read_image(Path(folders[dataset], "high", f"{pair.image}.tif")).pixels
                )
                for pair in fields.values()
            }

        rows = []
        for train, test in datasets:
            trained = [pair for pair in tables[train] if pair.split == "train"]
            tested = [pair for pair in tables[test] if pair.split == "test"]
            pairs.check_apart(trained, tested, guard_px=guard_px)
            closest = registration.closest(signatures(train, "train"), signatures(test, "test"))
            registration.check_unlike(closest, train=train, test=test)
            rows += [{"train": train, "test": test, **vars(match)} for match in closest]
            report(f"{test} is apart from {train}, which networks are trained on")
        io.write_table(snakemake.output[0], rows)
