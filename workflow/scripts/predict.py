"""Restore the images of one test set with one network."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _alike import alike
        from _restoring import restore_all
        from denoisekit.computing import seed_everything
        from denoisekit.files import read_json
        from denoisekit.noise import usable
        from denoisekit.restoring import inference, model

        seed_everything(0, threads=snakemake.threads)
        files, params = snakemake.input, snakemake.params
        settings = {key: value for key, value in params.settings.items() if key != "weights"}
        trained = model.load(files.weights, read_json(files.card))

        def note(sentence):
            """Tell what a person should know of an image."""
            report(sentence, at_once=True)

        restorer_of = alike(
            inference.Restorer(trained, **settings, note=note),
            files.registered,
            normalize=params.settings.get("normalize"),
            outside=params.outside,
        )

        def restore(pixels, name):
            """Return the restored image, and its scale where there is one."""
            odd = usable.find(pixels, outside=params.outside, name=name)
            if odd.any:
                report(f"{name} has {odd.text}", at_once=True)
            found = restorer_of(name).predict(pixels, name, unusable=odd)
            return {"": found.mean} | ({} if found.scale is None else {"scale": found.scale})

        for name in restore_all(
            files.registered,
            snakemake.output[0],
            restore=restore,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=params.z_spacing_um,
            frames=trained.frames,
        ):
            report(f"restored {name} on the {trained.device}")
