"""Rank the methods by the light that they were not shown."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.files import write_text
        from denoisekit.statistics import tables, typeset, without_truth
        from denoisekit.statistics.scores import EXPERIMENTS

        files, outputs, params = snakemake.input, snakemake.output, snakemake.params
        ranked = without_truth.rank(
            pd.concat(
                [tables.read(path, without_truth.MEASURED) for path in files.measured],
                ignore_index=True,
            ),
            tables.read(files.experiments, EXPERIMENTS),
            methods=params.methods,
            outside=params.outside,
        )
        table = without_truth.rank_table(ranked)
        tables.write(outputs.tsv, ranked)
        write_text(outputs.md, typeset.to_markdown(table))
        write_text(outputs.tex, typeset.to_latex(table, label="without-truth"))
