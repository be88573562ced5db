"""Set the scores by noise regime beside the printed ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _paper import read_printed
        from denoisekit import fmd, io, tables, typeset

        files, made, settings = snakemake.input, snakemake.output, snakemake.params.settings
        scores = tables.by_experiment(
            tables.read(files.scores), tables.read(files.experiments), methods=settings["methods"]
        )
        (printed,) = read_printed([files.printed]).values()
        compared = fmd.beside_printed(printed, fmd.summarise_regimes(scores, settings["regimes"]))
        for sentence in fmd.regime_sentences(compared):
            report(sentence)
        kinds = list(dict.fromkeys(compared["dataset"]))
        found = {name: fmd.regime_table(compared, dataset=name) for name in kinds}
        latex = [typeset.to_latex(t, label=f"regimes-{name}") for name, t in found.items()]
        tables.write(made.tsv, compared)
        io.write_text(made.md, "\n".join(map(typeset.to_markdown, found.values())))
        io.write_text(made.tex, "\n".join(latex))
