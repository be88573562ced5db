"""Measure what every run makes of pure noise and of flat fields."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.registered import (
            read_exposure,
            read_restored,
            registered_pairs,
        )
        from denoisekit.errors import told_of
        from denoisekit.evaluation import controls
        from denoisekit.files import write_table

        given, params, rows = snakemake.input, snakemake.params, []
        folders = {folder.name: folder for folder in map(Path, given.made)}
        for restored in map(Path, given.restored):
            identity = params.identities[f"{restored.parent.name}/{restored.name}"]
            made = folders[identity["test_set"]]
            names = [pair.image for pair in registered_pairs(made, split="test")]
            images = {
                kind: [
                    (read_exposure(made, n, "low").pixels, read_restored(made, restored, n).pixels)
                    for n in names
                    if n.startswith(kind)
                ]
                for kind in controls.KINDS
            }
            noise, flat = (zip(*images[kind], strict=True) for kind in controls.KINDS)
            with told_of(f"A control of {identity['test_set']}"):
                found = controls.invented(*noise, sigma_px=params.sigma_px)
                found |= controls.pattern(*flat)
            rows.append({**identity, "images": len(images["noise"]), **found})
            report(f"measured {restored.name}")
        write_table(snakemake.output[0], rows)
