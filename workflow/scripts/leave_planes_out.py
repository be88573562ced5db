"""Leave planes out of the stacks of one data set."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.sparse import estimated_psf, write_sparse
        from denoisekit.files import write_table
        from denoisekit.images.psf import measure_psf
        from denoisekit.images.reading import read_volume
        from denoisekit.images.voxels import Psf

        files, outputs, params = snakemake.input, snakemake.output, snakemake.params
        told = params.settings["psf"]
        if "file" in told:
            bead = read_volume(files.psf)
            sizes = {"pixel_size_um": bead.pixel_size_um, "spacing_um": bead.spacing_um}
            psf = measure_psf(bead.pixels, **sizes, name=files.psf)
            report(
                f"the point spread function of {files.psf} has standard deviations of "
                f"{psf.lateral_sigma_um:.3g} um within planes and {psf.axial_sigma_um:.3g} um "
                "along z",
                at_once=True,
            )
        elif told["axial_sigma_um"] == "estimate":
            sizes = {key: params[key] for key in ("pixel_size_um", "z_spacing_um")}
            lateral = told["lateral_sigma_um"]
            found = estimated_psf(files.registered, **sizes, lateral_sigma_um=lateral)
            psf = found.psf
            report(
                "the point spread function of the stacks has a standard deviation of "
                f"{psf.axial_sigma_um:.3g} um (standard error {found.error_um:.2g}) along z, if "
                "the sample looks alike along all axes",
                at_once=True,
            )
        else:
            psf = Psf(**told)
        rows = write_sparse(
            files.registered,
            outputs.images,
            params.settings,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=params.z_spacing_um,
            psf=psf,
            stride=params.stride,
            report=report,
        )
        write_table(outputs.pairs, rows)
