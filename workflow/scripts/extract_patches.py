"""Cut the training patches of one train set."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets import common_units, pairs
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.training import patches

        settings, size = snakemake.params.settings, snakemake.params.patch_size
        folder, whole = Path(snakemake.input.registered), snakemake.params.as_patches
        count = 1 if whole else settings["per_image"]
        rows = read_registered(folder)
        pairs.check_split(rows, split="train", table=str(folder / "pairs.tsv"))
        rows = [pair for pair in rows if pair.split == "train"]
        sides = patches.split_images(
            [pair.image for pair in rows],
            [pair.field for pair in rows],
            validation_fraction=settings["validation_fraction"],
            seed=settings["seed"],
        )
        rng = np.random.default_rng(settings["seed"])
        positions = []
        first = read_exposure(folder, rows[0].image, "low").pixels.shape
        side = patches.sides_of(size, first, name=f"The training image {rows[0].image}")
        shape = (len(rows) * count, *side)
        outside = snakemake.params.outside
        drawn = {"patch_size": side, "count": count, "rng": rng, "outside": outside}
        with (
            files.replacing(snakemake.output.low) as low_path,
            files.replacing(snakemake.output.high) as high_path,
        ):
            low, high = (files.create_array(path, shape=shape) for path in (low_path, high_path))
            for number, pair in enumerate(rows):
                name = f"The training image {pair.image}"
                exposures = [
                    read_exposure(folder, pair.image, one).pixels for one in ("low", "high")
                ]
                patches.check_alike(size, exposures[0].shape, sides=side, name=name)
                cut = (
                    patches.take_whole(*exposures, sides=side, name=name)
                    if whole
                    else patches.extract_patches(*exposures, name=name, **drawn)
                )
                place = slice(number * count, (number + 1) * count)
                low[place], high[place] = cut.low, cut.high
                subsets = [sides[pair.image]] * count
                positions += patches.position_rows(pair.image, subsets, cut.positions)
                report(f"cut {count} patches from {pair.image} for {sides[pair.image]}")
        files.write_table(snakemake.output.positions, positions)
        truths = common_units.truths_of(folder, [pair.image for pair in rows])
        told = common_units.described(None, common_units.truth_in_common(truths, {}))
        files.write_json(snakemake.output.units, told)
