"""Cut planes of stacks, and make them like sections along z, to train on."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets.common_units import described
        from denoisekit.datasets.registered import registered_pairs
        from denoisekit.datasets.sparse import read_sparse
        from denoisekit.training import isotropic, patches

        params, folder = snakemake.params, Path(snakemake.output[0])
        count, seed = (params.settings[key] for key in ("per_image", "seed"))
        published = snakemake.wildcards.target.endswith("published")
        rows = registered_pairs(snakemake.input.registered, split=params.split)
        images, side = [pair.image for pair in rows], params.patch_size[-1]
        subsets = patches.split(
            images,
            [pair.field for pair in rows],
            count=count,
            validation_fraction=params.settings["validation_fraction"],
            seed=seed,
        )
        shape = (len(subsets), side, side)
        folder.mkdir(parents=True)
        low, high = (files.create_array(folder / f"{n}.npy", shape=shape) for n in ("low", "high"))
        rng, table = np.random.default_rng(seed), []
        for number, image in enumerate(images):
            place, name = slice(number * count, (number + 1) * count), f"The stack {image}"
            stack = read_sparse(snakemake.input.planes, image)
            recipe = isotropic.recipe_of(stack, as_published=published, name=name)
            cut = isotropic.cut_patches(stack, recipe, side=side, count=count, rng=rng, name=name)
            low[place], high[place] = cut.low, cut.high
            table += patches.position_rows(image, subsets[place], cut.positions)
            noise = recipe.noise and f", noise of variance {recipe.noise.gain:.3g} * value"
            report(f"cut {count} patches from {image}{noise or ''}")
        files.write_table(folder / "positions.tsv", table)
        files.write_json(folder / "units.json", described(None, None))
