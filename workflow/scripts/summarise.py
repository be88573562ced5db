"""Average the scores of every method in every experiment."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files
        from denoisekit.statistics import tables, typeset
        from denoisekit.statistics.scores import (
            EXPERIMENTS,
            SCORES,
            by_experiment,
            summarise,
            summary_table,
        )

        settings = snakemake.params.settings
        experiments = tables.read(snakemake.input.experiments, EXPERIMENTS)
        scores = by_experiment(
            tables.read(snakemake.input.scores, SCORES),
            experiments,
            methods=settings["methods"],
            outside=settings["outside"],
        )
        summary = summarise(scores, experiments)
        table = summary_table(summary, convention=settings["convention"])
        tables.write(snakemake.output.tsv, summary)
        files.write_text(snakemake.output.md, typeset.to_markdown(table))
        files.write_text(snakemake.output.tex, typeset.to_latex(table, label="summary"))
