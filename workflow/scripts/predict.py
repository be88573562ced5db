"""Restore the images of one test set with one network."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import torch

        from denoisekit import inference, io, models, pairs, seeding

        seeding.seed_everything(0, threads=snakemake.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        network = models.load(
            snakemake.input.weights, io.read_json(snakemake.input.card), device=device
        )
        folder, settings = Path(snakemake.output[0]), snakemake.params.settings
        for pair, low, _ in pairs.iterate_registered(snakemake.input.registered, split="test"):
            restored = inference.restore(
                network,
                low.pixels,
                percentiles=settings["percentiles"],
                tile=settings["tile"],
                precision=settings["precision"],
                device=device,
                name=pair.image,
            )
            name = f"{pair.image}.tif"
            pixel_size_um = low.pixel_size_um or snakemake.params.pixel_size_um
            io.write_image(folder / name, restored.mean, pixel_size_um=pixel_size_um)
            if restored.scale is not None:
                path = folder / "scale" / name
                io.write_image(path, restored.scale, pixel_size_um=pixel_size_um)
            report(f"restored {pair.image} on the {device}")
