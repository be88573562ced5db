"""Restore the images of one test set with an ensemble: of images that its networks restored."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _restoring import restore_all
        from denoisekit.datasets.registered import read_restored
        from denoisekit.errors import told_of
        from denoisekit.evaluation import uncertainty
        from denoisekit.noise import usable

        files, params = snakemake.input, snakemake.params
        members = list(map(Path, files.members))
        # A network has a scale for every image, or for none.
        scaled = [folder / "scale" for folder in members if (folder / "scale").is_dir()]

        def restore(pixels, name):
            """Return the mean of the members' images, and how sure they are."""
            beyond = usable.outside_of_field(pixels, outside=params.outside, name=name)
            means, scales = (
                [read_restored(files.registered, folder, name).pixels for folder in folders]
                for folders in (members, scaled)
            )
            with told_of(f"The image {name}"):
                return uncertainty.combined(means, scales, outside=beyond)

        for name in restore_all(
            files.registered,
            snakemake.output[0],
            restore=restore,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=params.z_spacing_um,
        ):
            report(f"restored {name} with {len(members)} networks")
