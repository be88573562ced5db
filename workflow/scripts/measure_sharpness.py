"""Measure how sharp the restored images of one run are, against the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _measured import rows_of
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation import sharpness
        from denoisekit.files import write_table
        from denoisekit.images.image import plane_of
        from denoisekit.noise import usable

        files, params = snakemake.input, snakemake.params
        rows, measured, own = [], [], []
        for pair in registered_pairs(files.registered, split="test"):
            high = read_exposure(files.registered, pair.image, "high")
            image = read_restored(files.registered, files.restored, pair.image).pixels
            odd = usable.find(high.pixels, outside=params.outside, name=pair.image)
            if params.outside:
                odd |= usable.find(image, outside=params.outside, name=pair.image)
            own_pixels = high.pixels
            if params.averaged:
                low = read_exposure(files.registered, pair.image, "low").pixels
                frames = {"frames": params.averaged["low"], "of": params.averaged["high"]}
                own_pixels = sharpness.left_out(own_pixels, low, **frames)
            parts = (usable.repaired(part, odd) for part in (own_pixels, image))
            own_pixels, image = map(plane_of, parts)
            truth = sharpness.prepare(own_pixels)
            pixel_size_um = high.pixel_size_um or params.pixel_size_um
            measured.append(sharpness.measure(truth, image))
            own.append(sharpness.measure(truth, own_pixels))
            values, truths = (
                sharpness.in_units(one.values, pixel_size_um=pixel_size_um)
                for one in (measured[-1], own[-1])
            )
            both = {key: (value, truths[key]) for key, value in values.items()}
            rows += rows_of(params.identity, pair.image, both)
            report(f"measured {pair.image}")
        curves, truth_curves = sharpness.mean_curves(measured), sharpness.mean_curves(own)
        identity = {key: value for key, value in params.identity.items() if key != "simulated"}
        write_table(snakemake.output.values, rows)
        write_table(
            snakemake.output.curves,
            [
                {**identity, "curve": name, "pixel_size_um": pixel_size_um}
                | {"images": curve.images, "place": place, "value": value, "truth_value": truth}
                for name, curve in curves.items()
                for place, value, truth in zip(
                    curve.places, curve.values, truth_curves[name].values, strict=True
                )
            ],
        )
