"""Prove that no image to test on, nor a shifted, mirrored or turned copy, is trained on."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import networks
        from denoisekit.datasets import leakage, pairs
        from denoisekit.datasets.registered import read_registered
        from denoisekit.files import write_table

        settings = snakemake.params.settings
        reaches = [
            networks.build(network, dims=2, probabilistic=False).reach
            for network in settings["networks"]
        ]
        folders = dict(zip(snakemake.params.datasets, snakemake.input.registered, strict=True))
        tables = {name: read_registered(folder) for name, folder in folders.items()}

        rows = []
        for train, split, test in settings["compared"]:
            # Networks that learn from the images to test on see no truth, by the config's schema.
            trained = [p for p in tables[train] if p.split == split] if split == "train" else []
            tested = [pair for pair in tables[test] if pair.split == "test"]
            patches = train in settings["as_patches"]
            if patches or not trained or not pairs.has_truth(tested):
                nothing = dict.fromkeys(("test_image", "train_image", "resemblance", "perhaps"), "")
                rows.append({"train": train, "test": test, **nothing})
                why = f"of {train} nothing is trained on, or of {test} nothing is scored"
                report(f"patches of {train} are too small to be compared" if patches else why)
                continue
            leakage.check_apart(trained, tested, guard_px=max(reaches, default=0))
            matches = leakage.compare(
                *(
                    leakage.long_exposures(
                        folders[name],
                        pairs.scenes(chosen),
                        outside=snakemake.params.outside[name],
                    )
                    for name, chosen in ((train, trained), (test, tested))
                ),
                report=report,
            )
            leakage.check_unlike(matches, train=train, test=test)
            for sentence in leakage.doubts(matches, train=train, test=test):
                report(f"warning: {sentence}", at_once=True)
            rows += [{"train": train, "test": test, **vars(match)} for match in matches]
            report(f"{test} is apart from {train}, which networks are trained on")
        write_table(snakemake.output[0], rows)
