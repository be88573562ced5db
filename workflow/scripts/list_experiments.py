"""List the experiments: what each trains on, what it restores, and how many images that is."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files
        from denoisekit.datasets import pairs
        from denoisekit.datasets.registered import read_registered

        settings = snakemake.params.settings
        tables = {
            dataset: read_registered(folder)
            for dataset, folder in zip(
                snakemake.params.datasets, snakemake.input.registered, strict=True
            )
        }
        rows = []
        for experiment, entry in settings["experiments"].items():
            train_set = settings["train_sets"][entry["train_set"]]
            split = train_set.get("split", "train")
            test_dataset = settings["test_sets"][entry["test_set"]]["dataset"]
            tested = [pair for pair in tables[test_dataset] if pair.split == "test"]
            rows.append(
                {
                    "experiment": experiment,
                    "train_set": entry["train_set"],
                    "test_set": entry["test_set"],
                    "test_dataset": test_dataset,
                    "train_images": sum(
                        pair.split == split for pair in tables[train_set["dataset"]]
                    ),
                    "test_images": len(tested),
                    "test_fields": len({pair.field for pair in tested}),
                    "truth": "yes" if pairs.has_truth(tested) else "no",
                    "movie": "yes" if pairs.is_movie(tested) else "no",
                    "simulated": "yes" if test_dataset in snakemake.params.simulated else "no",
                    "methods": ", ".join(entry.get("methods", ())),
                    "description": entry["description"],
                }
            )
        files.write_table(snakemake.output[0], rows)
