"""Measure how sharp the restored images of one run are, against the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _measured import curve_rows, rows_of
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation import sharpness, shells
        from denoisekit.files import write_table
        from denoisekit.images.image import plane_of
        from denoisekit.noise import usable

        files, params = snakemake.input, snakemake.params
        rows, measured, own, in_sectors = [], [], [], []
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
            both = list(parts)
            own_pixels, image = map(plane_of, both)
            truth = sharpness.prepare(own_pixels)
            pixel_size_um = high.pixel_size_um or params.pixel_size_um
            spacing_um = high.spacing_um or params.z_spacing_um
            measured.append(sharpness.measure(truth, image))
            own.append(sharpness.measure(truth, own_pixels))
            values, own_values = (
                sharpness.in_units(one.values, pixel_size_um=pixel_size_um)
                for one in (measured[-1], own[-1])
            )
            beside = {key: (value, own_values[key]) for key, value in values.items()}
            if high.pixels.ndim == 3 and pixel_size_um and spacing_um:
                sizes = {"spacing_um": spacing_um, "pixel_size_um": pixel_size_um}
                in_sectors.append(shells.by_sector(*both, **sizes))
                # With itself, the truth agrees in everything, which is no resolution.
                fineness = shells.resolutions(in_sectors[-1])
                beside |= {key: (value, float("nan")) for key, value in fineness.items()}
            rows += rows_of(params.identity, pair.image, beside)
            report(f"measured {pair.image}")
        curves, truth_curves = sharpness.mean_curves(measured), sharpness.mean_curves(own)
        beside = {name: (curve, truth_curves[name].values) for name, curve in curves.items()}
        by_shell = shells.mean_curves(in_sectors)
        beside |= {name: (curve, [1.0] * len(curve.places)) for name, curve in by_shell.items()}
        write_table(snakemake.output.values, rows)
        write_table(snakemake.output.curves, curve_rows(params.identity, beside, pixel_size_um))
