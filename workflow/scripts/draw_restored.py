"""Draw every method's restoration of one image that has no truth."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit import io, pairs, plots, typeset

        files = snakemake.input
        pair, low, _ = next(pairs.iterate_registered(files.registered, split="test"))
        folders = {Path(folder).name: Path(folder) for folder in files.restored}
        panels = [
            plots.Panel(
                typeset.method_label(method),
                io.read_image(folders[run] / f"{pair.image}.tif").pixels,
            )
            for method, run in snakemake.params.runs.items()
        ]
        figure = plots.draw_restored(
            low.pixels,
            panels,
            inset_px=snakemake.params.settings["inset_px"],
            pixel_size_um=low.pixel_size_um,
        )
        save(figure, snakemake.output)
