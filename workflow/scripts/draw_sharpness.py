"""Draw how sharp every method's images are, against the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from _figures import save
        from denoisekit.figures import sharpness
        from denoisekit.statistics import tables
        from denoisekit.statistics.sharpness import AVERAGED, CURVES

        files = snakemake.input
        averaged = tables.read(files.sharpness, AVERAGED)
        figure = sharpness.draw_sharpness(
            averaged[averaged["experiment"] == snakemake.wildcards.experiment],
            pd.concat([tables.read(path, CURVES) for path in files.curves], ignore_index=True),
            methods=snakemake.params.methods,
        )
        save(figure, snakemake.output)
