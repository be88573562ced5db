"""Hold what every run took from the images of one test set against their noise."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _residuals import examined, noise_of
        from _sureness import sureness
        from denoisekit import files
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation.residuals import QUANTITIES
        from denoisekit.evaluation.scaling import brightness
        from denoisekit.noise.usable import of_all

        given, params = snakemake.input, snakemake.params
        card, rows = files.read_json(given.card), []
        for pair in registered_pairs(given.registered, split="test"):
            noisy = read_exposure(given.registered, pair.image, "low").pixels
            noise = noise_of(noisy, card, outside=params.outside)
            truth = None
            if pair.high:
                truth = read_exposure(given.registered, pair.image, "high").pixels
                chosen = of_all([noisy, truth], outside=params.outside, name=pair.image)
            for folder in map(Path, given.restored):
                restored = read_restored(given.registered, folder, pair.image).pixels
                found = examined(
                    noisy, restored, noise, settings=params.settings, outside=params.outside
                )
                told = isinstance(found, str)
                values = dict.fromkeys(QUANTITIES, float("nan")) if told else found.values
                right = (float("nan"),) * 2
                if truth is not None:
                    right = brightness(truth, noisy, restored, chosen)
                rows.append(
                    {**params.identities[folder.name], "image": pair.image}
                    | {"tested": "no" if told else "yes", "note": found if told else found.note}
                    | {**values, "truth_gain": right[0], "truth_offset": right[1]}
                    | sureness(given.registered, folder, pair.image, noise)
                )
            report(f"examined {pair.image}")
        untested = sorted({row["note"] for row in rows if row["tested"] == "no"})
        for sentence in untested:
            report(f"not tested: {sentence}", at_once=True)
        files.write_table(snakemake.output[0], rows)
