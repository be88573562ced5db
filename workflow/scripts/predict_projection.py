"""Project the stacks of one test set with one network, and restore their planes."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from _restoring import restore_all
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.registered import read_exposure
        from denoisekit.files import read_json
        from denoisekit.restoring import model, projection

        seed_everything(0, threads=snakemake.threads)
        files, params = snakemake.input, snakemake.params
        trained = model.load(files.weights, read_json(files.card))
        settings = {key: params.settings[key] for key in ("percentiles", "tile", "precision")}

        def restore(pixels, name):
            """Return the plane of a sheet, how deep it lies, and how sure that is, in um."""
            stack = read_exposure(files.stacks, name, "low")
            found = projection.restore_projection(
                trained.network, stack.pixels, **settings, device=trained.device, name=name
            )
            apart = np.float32(stack.spacing_um or params.z_spacing_um)
            depths = {"height": found.height * apart, "spread": found.spread * apart}
            return {"": getattr(found, params.estimate), **depths}

        for name in restore_all(
            files.registered,
            snakemake.output[0],
            restore=restore,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=None,
        ):
            report(f"projected {name} on the {trained.device}")
