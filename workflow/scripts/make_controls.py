"""Make pure noise and flat fields that are like the images of one test set."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from _residuals import independent_noise
        from denoisekit import files
        from denoisekit.datasets.pairs import Pair
        from denoisekit.datasets.registered import (
            read_exposure,
            registered_pairs,
            registered_row,
        )
        from denoisekit.errors import InputError
        from denoisekit.evaluation import controls
        from denoisekit.images.image import write_image
        from denoisekit.noise.usable import filled

        given, params, folder = snakemake.input, snakemake.params, Path(snakemake.output[0])
        card = files.read_json(given.card)
        pairs = registered_pairs(given.registered, split="test")[: params.settings["images"]]
        images = [read_exposure(given.registered, pair.image, "low").pixels for pair in pairs]
        found = [independent_noise(image, outside=params.outside) for image in images]
        known = sorted(
            (one for one in found if not isinstance(one, str)), key=lambda one: one.line.gain
        )
        if not known:
            raise InputError(
                f"No controls can be made of {snakemake.wildcards.test_set}, since its noise is "
                f"not known ({found[0]}): leave it out of controls.test_sets."
            )
        level = controls.levels([filled(i, outside=params.outside, name="It") for i in images])
        rng, rows = np.random.default_rng(params.settings["seed"]), []
        for kind in controls.KINDS:
            for number in range(params.settings["images"]):
                pixels = controls.expose(
                    getattr(level, kind),
                    known[(len(known) - 1) // 2],
                    offset=card.get("noise", {}).get("offset"),
                    shape=images[0].shape,
                    kind=images[0].dtype,
                    rng=rng,
                )
                name = f"{kind}-{number:03d}"
                path = folder / "low" / f"{name}.tif"
                write_image(path, pixels, pixel_size_um=params.pixel_size_um)
                pair = Pair(name, "test", str(path), None, None, None, name, "", None)
                rows.append(registered_row(pair))
        files.write_table(folder / "pairs.tsv", rows)
        report(f"{len(rows)} images, noise at {level.noise:.4g}, flat at {level.flat:.4g}")
