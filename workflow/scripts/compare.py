"""Test every method against the reference."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import io, tables, typeset

        settings = snakemake.params.settings
        experiments = tables.read(snakemake.input.experiments)
        scores = tables.by_experiment(
            tables.read(snakemake.input.scores), experiments, methods=settings["methods"]
        )
        comparisons = tables.compare(
            scores, experiments, reference=settings["reference"], alpha=settings["alpha"]
        )
        table = tables.comparison_table(comparisons, convention=settings["convention"])
        tables.write(snakemake.output.tsv, comparisons)
        io.write_text(snakemake.output.md, typeset.to_markdown(table))
        io.write_text(snakemake.output.tex, typeset.to_latex(table, label="comparisons"))
