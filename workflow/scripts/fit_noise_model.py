"""Fit a noise model to pairs of images, or to repeated frames of static fields."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit.datasets.common_units import noises_of
        from denoisekit.datasets.pairs import evenly
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.noise import fitting, models, units, usable

        settings, splits = snakemake.params.settings, snakemake.params.splits
        found, noises = [], {}
        for folder, outside in zip(
            snakemake.input.registered, snakemake.params.outside, strict=True
        ):
            rows = [pair for pair in read_registered(folder) if pair.split in splits]
            measured = noises_of(folder, [[pair.image] for pair in rows], outside=outside)
            noises |= {f"{Path(folder).name}: {image}": one for image, one in measured.items()}
            if settings["origin"] == "pairs":
                for pair in evenly(rows, settings["images"]):
                    images = [read_exposure(folder, pair.image, kind) for kind in ("high", "low")]
                    parts = [image.pixels.astype(np.float32) for image in images]
                    keep = usable.of_all(parts, outside=outside, name=f"The image {pair.image}")
                    found.append([usable.within(part, keep).ravel() for part in parts])
                continue
            fields = {pair.field: [] for pair in rows}
            for pair in rows:
                fields[pair.field].append(pair.image)
            frames = -(-settings["images"] // len(fields))
            for names in fields.values():
                images = [read_exposure(folder, name, "low") for name in evenly(names, frames)]
                stack = np.stack([image.pixels.astype(np.float32) for image in images])
                keep = usable.of_all(stack, outside=outside, name=f"A frame of {names[0]}")
                parts = fitting.pairs_from_frames(usable.within(stack, keep))
                found.append([part.ravel().astype(np.float32) for part in parts])
        units.check_alike(noises)
        signal, noisy = (np.concatenate(parts) for parts in zip(*found, strict=True))
        model = fitting.fit(signal, noisy, settings=settings)
        models.save_noise_model(snakemake.output[0], model)
        report(f"learned from {signal.size} pixels: {models.told(model)}")
