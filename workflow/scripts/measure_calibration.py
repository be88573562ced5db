"""Hold the scales that one run predicts against the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _mixtures
        import _predicted
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.errors import told_of
        from denoisekit.evaluation import calibration
        from denoisekit.files import write_table
        from denoisekit.noise import usable

        files, params = snakemake.input, snakemake.params
        settings, identity = params.settings, dict(params.identity)
        simulated = identity.pop("simulated")
        kept = _predicted.read(files.kept, report=report)
        learned = calibration.learn(kept, alpha=settings["alpha"])
        report(f"temperature {learned.temperature:.3f}, {learned.control}")
        rows = []
        for pair in registered_pairs(files.registered, split="test"):
            low, high = (
                read_exposure(files.registered, pair.image, exposure).pixels
                for exposure in ("low", "high")
            )
            with told_of(f"The image {pair.image}"):
                chosen = usable.of_all([high, low], outside=params.outside, name="An exposure")
                predicted = _mixtures.read(
                    files.registered, files.restored, pair.image, chosen=chosen
                )
                truth, mixture = calibration.together(high[chosen], predicted)
                values = calibration.measure(truth, mixture, learned, bands=settings["bands"])
            rows += [
                {**identity, "image": pair.image, "simulated": simulated}
                | {"quantity": name, "value": value}
                for name, value in values.items()
            ]
            report(f"measured {pair.image}")
        write_table(snakemake.output[0], rows)
