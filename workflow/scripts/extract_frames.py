"""Cut the training patches of one train set in the images' own or in common units."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets import pairs
        from denoisekit.datasets.common_units import described
        from denoisekit.datasets.registered import registered_pairs
        from denoisekit.images import normalization
        from denoisekit.training import patches
        from denoisekit.training.frames import gather

        params, folder = snakemake.params, Path(snakemake.output[0])
        target, registered = snakemake.wildcards.target, snakemake.input.registered
        size, count = params.patch_size, params.settings["per_image"]
        rows = registered_pairs(registered, split=params.split)
        if target.startswith("next"):
            pairs.check_repeated(rows, table=f"{registered}/pairs.tsv")
        frames = gather(registered, rows, target=target, outside=params.outside, report=report)
        images, field_of = frames.images, {pair.image: pair.field for pair in rows}
        fields = [field_of[image] for image in images]
        fraction, seed = (params.settings[key] for key in ("validation_fraction", "seed"))
        rng, table = np.random.default_rng(seed), []
        subsets = patches.split(
            images, fields, count=count, validation_fraction=fraction, seed=seed
        )
        (first, *_), (name, *_) = frames.read(images[0])
        side = patches.sides_of(size, first.shape, name=name)
        folder.mkdir(parents=True)
        arrays = {
            name: files.create_array(folder / f"{name}.npy", shape=shape)
            for name, shape in frames.shapes(len(subsets), side).items()
        }
        for number, image in enumerate(images):
            place = slice(number * count, (number + 1) * count)
            pixels, names = frames.read(image)
            patches.check_alike(size, pixels[0].shape, sides=side, name=names[0])
            pixels, field = patches.cleared(pixels, outside=params.outside, names=names)
            positions = patches.random_positions(
                pixels[0], patch_size=side, count=count, rng=rng, name=names[0], field=field
            )
            for name, part in frames.in_units(image, pixels).items():
                arrays[name][place] = patches.cut(part, positions, patch_size=side)
            table += patches.position_rows(image, subsets[place], positions)
            report(f"cut {count} patches from {image}")
        files.write_table(folder / "positions.tsv", table)
        seen = arrays["low"][np.array(subsets) == "training"]
        normalizer = normalization.moments_normalizer(seen, name="The training patches")
        if told := patches.without_contrast(arrays["low"], images, normalizer=normalizer):
            report(told, at_once=True)
        files.write_json(folder / "normalizer.json", vars(normalizer))
        files.write_json(folder / "units.json", described(frames.line, frames.truth))
