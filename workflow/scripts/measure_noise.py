"""Measure the noise of one data set's short exposures, or say why it cannot be."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets import pairs, verdicts
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.errors import InputError
        from denoisekit.noise.card import measure_noise_card

        folder, params = Path(snakemake.input[0]), snakemake.params
        rows = read_registered(folder)
        frames = {
            pair.image: read_exposure(folder, pair.image, "low").pixels
            for pair in pairs.frames_together(
                verdicts.showing(rows, files.read_table(folder / "quality.tsv")),
                at_most=params.at_most,
            )
        }
        # Registration cuts frames to what their pairs share.
        shape = next(iter(frames.values())).shape
        frames = {image: pixels for image, pixels in frames.items() if pixels.shape == shape}
        measured = {"images": list(frames)}
        try:
            card = measure_noise_card(
                np.stack(list(frames.values())),
                has_pairs=any(pair.split == "train" and pair.high for pair in rows),
                offset=params.offset,
                outside=params.outside,
            )
        except InputError as error:
            measured["reason"] = str(error)
            report(f"there is no card of {', '.join(frames)}: {error}")
        else:
            measured["noise"] = card.card()
            report(f"measured {len(frames)} of {len(rows)} images: {card.advice.reason}")
            if card.odd or card.outside:
                report(
                    f"left out {card.odd} hot or dead pixels, and {card.outside:.1%} of all, which "
                    "lie outside of the field",
                    at_once=True,
                )
        files.write_json(snakemake.output[0], measured)
