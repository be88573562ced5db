"""Draw the labels of one data set of simulated volumes."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.labels import write_labels
        from denoisekit.images.image import Image
        from denoisekit.simulate import volumes

        params, folder = snakemake.params, Path(snakemake.output[0])
        sizes = {key: params[key] for key in ("pixel_size_um", "z_spacing_um")}
        settings = {**params.settings, **sizes}
        for name, labels in volumes.labels_of(settings["structure"])(settings, settings["seed"]):
            apart = params.z_spacing_um if labels.ndim == 3 else None
            like = Image(labels, params.pixel_size_um, apart)
            write_labels(folder / f"{name}.tif", labels, like=like)
            report(f"drew the labels of {name}")
