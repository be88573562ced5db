"""Average how well the objects found match labels, and test methods against the best filter."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.files import write_text
        from denoisekit.statistics import segmentation, tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS

        given, outputs, settings = snakemake.input, snakemake.output, snakemake.params.settings
        measured = pd.concat(
            [
                tables.read(Path(folder, "scores.tsv"), segmentation.MEASURED)
                for folder in given.measured
            ],
            ignore_index=True,
        )
        experiments = tables.read(given.experiments, EXPERIMENTS)
        named = {key: settings[key] for key in ("methods", "outside")}
        averaged = segmentation.average(measured, experiments, **named)
        tests = segmentation.compare(measured, experiments, **settings)
        table = segmentation.segmentation_table(averaged)
        tables.write(outputs.tests, tests)
        tables.write(outputs.tsv, averaged)
        write_text(outputs.md, typeset.to_markdown(table))
        write_text(outputs.tex, typeset.to_latex(table, label="segmentation"))
