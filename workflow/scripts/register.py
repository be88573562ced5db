"""Register the pairs of one data set, and describe the quality of each."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _pair_verdicts import judge
        from denoisekit import files
        from denoisekit.datasets import pair_table, registering
        from denoisekit.datasets.registered import spacing_sentences
        from denoisekit.study import contents

        params = snakemake.params
        table = params.table
        rows = pair_table.parse_pairs(files.read_table(table), table=table, **params.choice)
        treatment = registering.Treatment(
            apply=params.register,
            blank=params.blank,
            outside=params.outside,
            repair=params.repair == "hot",
            alike=params.target != "sharp",
        )
        quality = registering.register(
            rows, snakemake.output[0], treatment=treatment, report=report
        )
        contents.note(params.own, content=params.content, folder=snakemake.output[0])
        dataset = snakemake.wildcards.dataset
        entry = snakemake.config["datasets"][dataset]
        if "z_spacing_um" in entry:
            spacing = {"dataset": dataset, "z_spacing_um": entry["z_spacing_um"]}
            for sentence in spacing_sentences(snakemake.output[0], **spacing):
                report(f"warning: {sentence}", at_once=True)
        # Not a param: pairs that are accepted later, or no more, are registered as they were.
        accepted = entry.get("accept_pairs", False)
        judge(quality, dataset=dataset, table=table, accepted=accepted, report=report)
