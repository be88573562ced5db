"""Register the pairs of one data set, and describe the quality of each."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import pair_table, registering, verdicts

        table, params = snakemake.input.pairs, snakemake.params
        rows = pair_table.parse_pairs(files.read_table(table), table=table, **params.choice)
        treatment = registering.Treatment(
            apply=params.register,
            blank=params.blank,
            outside=params.outside,
            repair=params.repair == "hot",
        )
        quality = registering.register(
            rows, snakemake.output[0], treatment=treatment, report=report
        )
        name = snakemake.wildcards.dataset
        for sentence in verdicts.verdict_sentences(quality, dataset=name):
            report(f"warning: {sentence}", at_once=True)
        if not params.accept:
            verdicts.check_fit(quality, table=table)
