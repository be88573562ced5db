"""Set the scores by noise regime beside the printed ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _paper import read_printed
        from denoisekit.files import write_text
        from denoisekit.published import noise_regimes
        from denoisekit.statistics import tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS, SCORES, by_experiment

        files, made, settings = snakemake.input, snakemake.output, snakemake.params.settings
        scores = by_experiment(
            tables.read(files.scores, SCORES),
            tables.read(files.experiments, EXPERIMENTS),
            methods=settings["methods"],
        )
        (printed,) = read_printed([files.printed]).values()
        compared = noise_regimes.beside_printed(
            printed, noise_regimes.summarise_regimes(scores, settings["regimes"])
        )
        for sentence in noise_regimes.regime_sentences(compared):
            report(sentence)
        kinds = list(dict.fromkeys(compared["dataset"]))
        found = {name: noise_regimes.regime_table(compared, dataset=name) for name in kinds}
        latex = [typeset.to_latex(t, label=f"regimes-{name}") for name, t in found.items()]
        tables.write(made.tsv, compared)
        write_text(made.md, "\n".join(map(typeset.to_markdown, found.values())))
        write_text(made.tex, "\n".join(latex))
