"""Average what the scales of every run are worth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.files import write_text
        from denoisekit.statistics import calibration, tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS

        files, outputs = snakemake.input, snakemake.output
        averaged = calibration.average(
            pd.concat(
                [tables.read(path, calibration.MEASURED) for path in files.measured],
                ignore_index=True,
            ),
            tables.read(files.experiments, EXPERIMENTS),
            methods=snakemake.params.methods,
        )
        table = calibration.calibration_table(averaged)
        tables.write(outputs.tsv, averaged)
        write_text(outputs.md, typeset.to_markdown(table))
        write_text(outputs.tex, typeset.to_latex(table, label="calibration"))
