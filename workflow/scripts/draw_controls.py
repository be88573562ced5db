"""Draw pure noise and a flat field, as they are and as every method restores them."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.datasets.registered import read_exposure, read_restored
        from denoisekit.evaluation.controls import KINDS
        from denoisekit.figures.controls import draw_controls

        given, runs = snakemake.input, snakemake.params.runs
        folders = {Path(folder).name: folder for folder in given.restored}
        names = {kind: f"{kind}-000" for kind in KINDS}
        made = {kind: read_exposure(given.made, name, "low").pixels for kind, name in names.items()}
        restored = {
            method: {
                kind: read_restored(given.made, folders[run], name).pixels
                for kind, name in names.items()
            }
            for method, run in runs.items()
        }
        save(draw_controls(made, restored), snakemake.output)
