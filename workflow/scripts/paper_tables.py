"""Set the paper's tables with this study's numbers beside the printed ones."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _paper import read_published, read_study
        from denoisekit import files
        from denoisekit.published import loss_functions
        from denoisekit.statistics import tables, typeset

        study = read_study(snakemake.input, snakemake.params.settings)
        published = read_published(snakemake.input.published)
        folder = Path(snakemake.output[0])
        for name, table in loss_functions.paper_tables(published, study).items():
            tables.write(folder / f"{name}.tsv", table.frame)
            files.write_text(folder / f"{name}.md", typeset.to_markdown(table))
            files.write_text(folder / f"{name}.tex", typeset.to_latex(table, label=name))
