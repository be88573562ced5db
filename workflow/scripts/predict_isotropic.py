"""Restore the stacks of one test set between their planes, with one network."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _restoring import restore_all
        from denoisekit.computing import seed_everything
        from denoisekit.datasets.sparse import read_sparse
        from denoisekit.files import read_json
        from denoisekit.restoring import isotropic, model

        seed_everything(0, threads=snakemake.threads)
        files, params = snakemake.input, snakemake.params
        card = read_json(files.card)
        trained = model.load(files.weights, card)
        settings = {key: params.settings[key] for key in ("percentiles", "tile", "precision")}

        def restore(pixels, name):
            """Return the restored stack, and how far its two directions lie apart."""
            stack = read_sparse(files.planes, name)
            found = isotropic.restore_isotropic(
                trained.network,
                stack,
                **settings,
                device=trained.device,
                name=name,
                combine=params.combine,
                as_published="as_published" in card["method"],
            ).read_off(stack)
            return {"": found.mean, "directions": found.disagreement}

        for name in restore_all(
            files.registered,
            snakemake.output[0],
            restore=restore,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=params.z_spacing_um,
        ):
            report(f"restored {name} on the {trained.device}")
