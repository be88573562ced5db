"""Score the restored images of one run by the light that they were not restored from."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.evaluation.scaling import affine_fit
        from denoisekit.evaluation.without_truth import error_against
        from denoisekit.files import read_table, write_table

        files, identity = snakemake.input, dict(snakemake.params.identity)
        identity.pop("simulated")
        variances = {row["image"]: float(row["rest_variance"]) for row in read_table(files.light)}
        rows = []
        for pair in registered_pairs(files.registered, split="test"):
            rest = read_exposure(files.registered, pair.image, "high").pixels
            restored = read_restored(files.registered, files.restored, pair.image).pixels
            variance = variances[pair.image]
            # As the convention 'care' does, since some losses leave brightness free.
            gain, offset = affine_fit(rest, restored)
            error = error_against(gain * restored + offset, rest, variance=variance)
            rows.append({**identity, "image": pair.image, "error": error, "noise": variance})
            report(f"scored {pair.image}")
        write_table(snakemake.output[0], rows)
