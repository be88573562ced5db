"""Cut training patches of all channels of a sample at the same places."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets import channels
        from denoisekit.datasets.common_units import described
        from denoisekit.datasets.registered import registered_pairs
        from denoisekit.training import patches

        params, folder = snakemake.params, Path(snakemake.output[0])
        settings, size = params.settings, params.patch_size
        folders = dict(zip(params.channels, snakemake.input.registered, strict=True))
        channels.check_alike(folders)
        rows = registered_pairs(snakemake.input.registered[0], split="train")
        sides = patches.split_images(
            [pair.image for pair in rows],
            [pair.field for pair in rows],
            validation_fraction=settings["validation_fraction"],
            seed=settings["seed"],
        )
        partner = {pair.image: pair.image for pair in rows}
        if snakemake.wildcards.target == "channels-shuffled":
            for subset in dict.fromkeys(sides.values()):
                chosen = [pair for pair in rows if sides[pair.image] == subset]
                partner |= channels.shuffled(chosen, name=f"The images for {subset}")
        rng, count = np.random.default_rng(settings["seed"]), settings["per_image"]
        parts, positions, side = [], [], None
        for pair in rows:
            shown = [pair.image, *[partner[pair.image]] * (len(folders) - 1)]
            given = channels.read(folders, shown, exposures=("low", "high"))
            name, (low, _) = next(iter(given.items()))
            side = side or patches.sides_of(size, low.shape, name=name)
            patches.check_alike(size, low.shape, sides=side, name=name)
            outside = dict(zip(given, params.outside, strict=True))
            cut = patches.extract_channel_patches(
                given, patch_size=size, count=count, rng=rng, outside=outside
            )
            parts.append((cut.low, cut.high))
            positions += patches.position_rows(
                pair.image, [sides[pair.image]] * count, cut.positions
            )
            report(f"cut {count} patches from {pair.image} for {sides[pair.image]}")
        folder.mkdir(parents=True)
        for name, arrays in zip(("low", "high"), zip(*parts, strict=True), strict=True):
            np.save(folder / f"{name}.npy", np.concatenate(arrays))
        files.write_table(folder / "positions.tsv", positions)
        files.write_json(folder / "units.json", described(None, None))
