"""Restore the images of one test set with one network."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import torch

        from denoisekit import inference, io, models, pairs, seeding
        from denoisekit.streaming import in_order

        seeding.seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        network = models.load(
            snakemake.input.weights, io.read_json(snakemake.input.card), device=device
        )
        folder = Path(snakemake.output[0])
        settings = {k: v for k, v in snakemake.params.settings.items() if k != "weights"}
        registered = snakemake.input.registered

        def read(pair):
            """Return an image's name and its low exposure."""
            return pair.image, pairs.read_exposure(registered, pair.image, "low")

        def restored():
            """Yield each image's name, low exposure and restoration."""
            images = pairs.registered_pairs(registered, split="test")
            for name, low in in_order(read, images, threads=1):
                yield (
                    name,
                    low,
                    inference.restore(network, low.pixels, **settings, device=device, name=name),
                )

        def write(item):
            """Write what `restored` yields, and return the image's name."""
            name, low, image = item
            pixel_size_um = low.pixel_size_um or snakemake.params.pixel_size_um
            io.write_image(folder / f"{name}.tif", image.mean, pixel_size_um=pixel_size_um)
            if image.scale is not None:
                path = folder / "scale" / f"{name}.tif"
                io.write_image(path, image.scale, pixel_size_um=pixel_size_um)
            return name

        # The next image is read and the last one written while one is restored.
        for name in in_order(write, restored(), threads=1):
            report(f"restored {name} on the {device}")
