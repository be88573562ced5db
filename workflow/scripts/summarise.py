"""Average the scores of every method in every experiment."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import io, tables, typeset

        settings = snakemake.params.settings
        experiments = tables.read(snakemake.input.experiments)
        scores = tables.by_experiment(
            tables.read(snakemake.input.scores), experiments, methods=settings["methods"]
        )
        summary = tables.summarise(scores, experiments)
        table = tables.summary_table(summary, convention=settings["convention"])
        tables.write(snakemake.output.tsv, summary)
        io.write_text(snakemake.output.md, typeset.to_markdown(table))
        io.write_text(snakemake.output.tex, typeset.to_latex(table, label="summary"))
