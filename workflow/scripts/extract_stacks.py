"""Cut patches of stacks, and of the planes that they are to become, to train on."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets.common_units import described
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.datasets.sheets import check_alike
        from denoisekit.training import patches

        params, folder = snakemake.params, Path(snakemake.output[0])
        count, seed = (params.settings[key] for key in ("per_image", "seed"))
        count = 1 if params.as_patches else count
        registered, side = snakemake.input.registered, params.patch_size
        rows = registered_pairs(registered, split="train")
        images = [pair.image for pair in rows]
        subsets = patches.split(
            images,
            [pair.field for pair in rows],
            count=count,
            validation_fraction=params.settings["validation_fraction"],
            seed=seed,
        )
        first = read_exposure(snakemake.input.stacks, images[0], "low")
        shape = (len(subsets), len(first.pixels), side, side)
        folder.mkdir(parents=True)
        low = files.create_array(folder / "low.npy", shape=shape)
        high = files.create_array(folder / "high.npy", shape=(len(subsets), side, side))
        rng, table = np.random.default_rng(seed), []
        for number, image in enumerate(images):
            place, name = slice(number * count, (number + 1) * count), f"The stack {image}"
            stack = read_exposure(snakemake.input.stacks, image, "low")
            check_alike(stack, first, name=name, first=images[0])
            plane = read_exposure(registered, image, "high").pixels
            if params.as_patches:
                cut = patches.take_whole(stack.pixels, plane, sides=(side, side), name=name)
            else:
                cut = patches.extract_stack_patches(
                    stack.pixels, plane, side=side, count=count, rng=rng, name=name
                )
            low[place], high[place] = cut.low, cut.high
            table += patches.position_rows(image, subsets[place], cut.positions)
            report(f"cut {count} patches from {image}")
        files.write_table(folder / "positions.tsv", table)
        apart = first.spacing_um or params.z_spacing_um
        files.write_json(folder / "units.json", {**described(None, None), "z_spacing_um": apart})
