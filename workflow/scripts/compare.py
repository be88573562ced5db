"""Test every method against the references."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files
        from denoisekit.statistics import comparisons, tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS, SCORES, runs_by_experiment

        settings = snakemake.params.settings
        experiments = tables.read(snakemake.input.experiments, EXPERIMENTS)
        scores = runs_by_experiment(
            tables.read(snakemake.input.scores, SCORES),
            experiments,
            methods=settings["methods"],
            outside=settings["outside"],
        )
        compared = comparisons.compare(scores, experiments, **settings["statistics"])
        tables.write(snakemake.output.tsv, compared)
        set_tables = {"comparisons": comparisons.comparison_table}
        if compared["frames_effective"].notna().any():
            set_tables["movies"] = comparisons.movie_table
        set_tables = {
            name: make(compared, convention=settings["convention"])
            for name, make in set_tables.items()
        }
        markdown = [typeset.to_markdown(table) for table in set_tables.values()]
        latex = [typeset.to_latex(table, label=name) for name, table in set_tables.items()]
        files.write_text(snakemake.output.md, "\n".join(markdown))
        files.write_text(snakemake.output.tex, "\n".join(latex))
