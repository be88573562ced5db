"""Draw how fine every method's stacks are along z and across, beside the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import isotropy
        from denoisekit.statistics import tables
        from denoisekit.statistics.sharpness import AVERAGED

        averaged = tables.read(snakemake.input[0], AVERAGED)
        figure = isotropy.draw_isotropy(
            averaged[averaged["experiment"] == snakemake.wildcards.experiment],
            methods=snakemake.params.methods,
        )
        save(figure, snakemake.output)
