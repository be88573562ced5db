"""Measure the noise of one data set's short exposures, or say why it cannot be."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import noisy_fields
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.errors import InputError
        from denoisekit.noise.fields import measure_fields

        folder, params = Path(snakemake.input[0]), snakemake.params
        rows = read_registered(folder)
        images, fields = noisy_fields.read(
            rows,
            files.read_table(folder / "quality.tsv"),
            read_low=lambda pair: read_exposure(folder, pair.image, "low").pixels,
            fields=params.fields,
            at_most=params.at_most,
        )
        whole = read_exposure(folder, rows[0].image, "low").pixels
        measured = {"images": images}
        try:
            found = measure_fields(
                fields,
                has_pairs=any(pair.split == "train" and pair.high for pair in rows),
                pixels=len(rows) * whole.size,
                volumes=whole.ndim == 3,
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
