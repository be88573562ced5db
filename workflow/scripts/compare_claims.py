"""Hold the paper's claims against this study's tables."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _paper import read_printed
        from _tables import read_tables
        from denoisekit.files import write_text
        from denoisekit.published import care
        from denoisekit.statistics import tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS, SCORES

        files, made, params = snakemake.input, snakemake.output, snakemake.params
        names = ("segmentation", "segmentation_tests", "calibration", "isotropy", "resolution")
        measured = care.Measured(
            scores=tables.read(files.scores, SCORES),
            experiments=tables.read(files.experiments, EXPERIMENTS),
            **read_tables(files, names),
        )
        (printed,) = read_printed(files.printed).values()
        answered = care.answer(printed, params.asked, measured, **params.settings)
        for sentence in care.claims_sentences(answered):
            report(sentence)
        table = care.claims_table(answered, alpha=params.settings["alpha"])
        tables.write(made.tsv, answered)
        write_text(made.md, typeset.to_markdown(table))
        write_text(made.tex, typeset.to_latex(table, label="claims"))
