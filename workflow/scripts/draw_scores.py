"""Draw the scores of every image of an experiment."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.evaluation.metrics import HEADLINE
        from denoisekit.figures.scores import draw_scores
        from denoisekit.statistics import tables
        from denoisekit.statistics.scores import EXPERIMENTS, SCORES, by_experiment

        settings = snakemake.params.settings
        scores = by_experiment(
            tables.read(snakemake.input.scores, SCORES),
            tables.read(snakemake.input.experiments, EXPERIMENTS),
            methods=settings["methods"],
        )
        figure = draw_scores(
            scores[scores["convention"] == settings["convention"]],
            experiment=snakemake.wildcards.experiment,
            metrics=HEADLINE,
            methods=settings["methods"],
        )
        save(figure, snakemake.output)
