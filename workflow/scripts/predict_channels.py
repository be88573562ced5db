"""Restore one channel of a test set with one network, which sees all channels."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _alike import alike
        from _restoring import restore_all
        from denoisekit.computing import seed_everything
        from denoisekit.datasets import channels, registered
        from denoisekit.files import read_json
        from denoisekit.noise import usable
        from denoisekit.restoring import inference, model
        from denoisekit.restoring.channels import JointRestorer

        seed_everything(0, threads=snakemake.threads)
        files, params = snakemake.input, snakemake.params
        settings = {key: params.settings[key] for key in ("percentiles", "tile", "precision")}
        trained = model.load(files.weights, read_json(files.card))
        restorer = JointRestorer(trained, **settings, turned=params.settings.get("turned", False))
        folders, own = dict(zip(params.channels, files.channels, strict=True)), params.dataset
        channels.check_alike(folders)
        rows = registered.registered_pairs(files.registered, split="test")
        others = {pair.image: pair.image for pair in rows}
        if params.shuffled:
            others = channels.shuffled(rows, name="The images to test on")
        # What normalises the frames of a movie alike, of each channel.
        movies = [
            alike(
                inference.Restorer(trained, **settings),
                folder,
                normalize=params.settings.get("normalize"),
                outside=outside,
            )
            for folder, outside in zip(folders.values(), params.outside, strict=True)
        ]

        def restore(_, name):
            """Return the restored image, and its scale where there is one."""
            shown = [name if channel == own else others[name] for channel in folders]
            given = channels.read(folders, shown, exposures=["low"])
            called, images = list(given), [low for (low,) in given.values()]
            odd = [
                usable.find(pixels, outside=outside, name=one)
                for pixels, outside, one in zip(images, params.outside, called, strict=True)
            ]
            normalizers = [of(one).normalizer for of, one in zip(movies, shown, strict=True)]
            found = restorer.predict(images, called, unusable=odd, normalizers=normalizers)
            mine = found[list(folders).index(own)]
            return {"": mine.mean} | ({} if mine.scale is None else {"scale": mine.scale})

        for name in restore_all(
            files.registered,
            snakemake.output[0],
            restore=restore,
            pixel_size_um=params.pixel_size_um,
            z_spacing_um=params.z_spacing_um,
        ):
            report(f"restored {name} on the {trained.device}")
