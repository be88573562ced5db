"""Set the scores and ranks of every convention against those of the main one."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.evaluation.metrics import MAIN
        from denoisekit.files import write_text
        from denoisekit.statistics import conventions, tables, typeset
        from denoisekit.statistics.scores import summary_columns

        files, main = snakemake.output, snakemake.params.main
        summary = tables.read(snakemake.input.summary, summary_columns())
        compared = conventions.compare_conventions(summary, main=main)
        checks = pd.concat(
            [tables.read(path, conventions.CHECKS) for path in snakemake.input.checks],
            ignore_index=True,
        )
        table = conventions.conventions_table(compared, metric=MAIN, main=main)
        tables.write(files.tsv, compared)
        tables.write(files.left_out, checks[checks["defined"] == "no"].drop(columns="defined"))
        write_text(files.md, typeset.to_markdown(table))
        write_text(files.tex, typeset.to_latex(table, label="conventions"))
