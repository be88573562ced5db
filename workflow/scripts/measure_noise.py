"""Measure the noise of one data set's short exposures, or say why it cannot be."""

from itertools import compress
from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import numpy as np

        from denoisekit import files
        from denoisekit.datasets import pairs, verdicts
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.errors import InputError
        from denoisekit.images.image import plane_of
        from denoisekit.noise.fields import measure_fields

        folder, params = Path(snakemake.input[0]), snakemake.params
        rows = read_registered(folder)
        images, fields = [], []
        for frames in pairs.frames_of_scenes(
            verdicts.showing(rows, files.read_table(folder / "quality.tsv")),
            scenes=params.fields,
            at_most=params.at_most,
        ):
            names = [pair.image for pair in frames]
            stack = [plane_of(read_exposure(folder, name, "low").pixels) for name in names]
            # Registration cuts frames to what their pairs share.
            alike = [pixels.shape == stack[0].shape for pixels in stack]
            images += compress(names, alike)
            fields.append(np.stack(list(compress(stack, alike))))
        measured = {"images": images}
        try:
            found = measure_fields(
                fields,
                has_pairs=any(pair.split == "train" and pair.high for pair in rows),
                pixels=len(rows) * fields[0][0].size,
                offset=params.offset,
                outside=params.outside,
            )
        except InputError as error:
            measured["reason"] = str(error)
            report(f"there is no card of {', '.join(images)}: {error}")
        else:
            card = found.card
            measured |= {"noise": card.card(), "fields": found.spread()}
            report(f"measured {len(images)} of {len(rows)} images: {card.advice.reason}")
            if card.odd or card.outside:
                report(
                    f"left out {card.odd} hot or dead pixels, and {card.outside:.1%} of all, which "
                    "lie outside of the field",
                    at_once=True,
                )
        files.write_json(snakemake.output[0], measured)
