"""Find objects in the restored images of one run, and score them by labels."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _segmenting import voxel_of
        from denoisekit import files
        from denoisekit.datasets.labels import read_labels, write_labels
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.errors import told_of
        from denoisekit.evaluation.objects import measure
        from denoisekit.evaluation.segmentation import segment

        given, params = snakemake.input, snakemake.params
        settings, rows = files.read_json(given.settings), []
        sizes = {key: params[key] for key in ("pixel_size_um", "z_spacing_um")}
        pipeline = {"how": settings["how"], "settings": settings["chosen"]}
        for pair in registered_pairs(given.registered, split="test"):
            labels = read_labels(given.labels, pair.image)
            low = read_exposure(given.registered, pair.image, "low")
            pipeline["voxel_um"] = voxel_of(low, **sizes)
            restored = read_restored(given.registered, given.restored, pair.image)
            with told_of(f"The image {pair.image}"):
                found = segment(restored.pixels, **pipeline)
                values, truth = measure(labels, found), {}
                if pair.high:
                    high = read_exposure(given.registered, pair.image, "high")
                    truth = measure(labels, segment(high.pixels, **pipeline))
            write_labels(Path(snakemake.output[0], f"{pair.image}.tif"), found, like=restored)
            keys = {"segmentation": snakemake.wildcards.segmentation, "image": pair.image}
            rows += [
                {**params.identity, **keys, "quantity": name, "value": value}
                | {"truth_value": truth.get(name, "")}
                for name, value in values.items()
            ]
            report(f"found {found.max()} objects in {pair.image}")
        files.write_table(Path(snakemake.output[0], "scores.tsv"), rows)
