"""Draw how fine every method's images are restored, beside the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import resolution
        from denoisekit.statistics import tables
        from denoisekit.statistics.sharpness import AVERAGED

        averaged = tables.read(snakemake.input[0], AVERAGED)
        figure = resolution.draw_resolution(
            averaged[averaged["experiment"] == snakemake.wildcards.experiment],
            methods=snakemake.params.methods,
        )
        save(figure, snakemake.output)
