"""Find the score conventions that have no meaning for a test set, and say why."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files
        from denoisekit.datasets.registered import read_exposure, registered_pairs
        from denoisekit.errors import InputError
        from denoisekit.evaluation import conventions

        names, test_set = snakemake.params.conventions, snakemake.wildcards.test_set
        reasons, images = dict.fromkeys(names, ""), dict.fromkeys(names, "")
        registered = snakemake.input.registered
        for pair in registered_pairs(registered, split="test"):
            low, high = (
                read_exposure(registered, pair.image, exposure).pixels
                for exposure in ("low", "high")
            )
            for name in names:
                if not reasons[name]:
                    reasons[name] = conventions.why_undefined(
                        high, low=low, convention=name, outside=snakemake.params.outside
                    )
                    images[name] = pair.image if reasons[name] else ""
        if reasons[names[0]]:
            raise InputError(
                f"The convention {names[0]}, the study's main one, has no meaning for image "
                f"{images[names[0]]} of {test_set}, since {reasons[names[0]]}; name another first."
            )
        files.write_table(
            snakemake.output[0],
            [
                {
                    "test_set": test_set,
                    "convention": name,
                    "defined": "no" if reasons[name] else "yes",
                    "image": images[name],
                    "reason": reasons[name],
                }
                for name in names
            ],
        )
