"""Average how fine every method's stacks are along z and across, beside the truth."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.files import write_text
        from denoisekit.statistics import isotropy, sharpness, tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS

        files, outputs = snakemake.input, snakemake.output
        measured = pd.concat(
            [tables.read(path, sharpness.MEASURED) for path in files.measured], ignore_index=True
        )
        averaged = sharpness.average(
            measured,
            tables.read(files.experiments, EXPERIMENTS),
            methods=snakemake.params.methods,
            outside=snakemake.params.outside,
        )
        table = isotropy.isotropy_table(averaged)
        tables.write(outputs.tsv, averaged)
        write_text(outputs.md, typeset.to_markdown(table))
        write_text(outputs.tex, typeset.to_latex(table, label="isotropy"))
