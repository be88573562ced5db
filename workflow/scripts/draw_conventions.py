"""Draw how far the score conventions move scores and ranks."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.evaluation.metrics import HEADLINE
        from denoisekit.figures import scores
        from denoisekit.statistics import tables
        from denoisekit.statistics.conventions import COLUMNS

        compared = tables.read(snakemake.input[0], COLUMNS)
        figure = scores.draw_conventions(compared, metrics=HEADLINE, main=snakemake.params.main)
        save(figure, snakemake.output)
