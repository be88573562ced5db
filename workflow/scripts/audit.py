"""Recompute the paper's printed values from its own rows."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _paper import read_printed
        from denoisekit import files
        from denoisekit.published import audit
        from denoisekit.statistics import tables, typeset

        printed = read_printed(snakemake.input)
        checked = audit.check(
            printed["per_image_scores"],
            means=printed["printed_means"],
            deltas=printed["printed_deltas"],
            p_values=printed["printed_p_values"],
        )
        for sentence in audit.sentences(checked):
            report(sentence)
        table = audit.audit_table(checked)
        tables.write(snakemake.output.tsv, checked)
        files.write_text(snakemake.output.md, typeset.to_markdown(table))
        files.write_text(snakemake.output.tex, typeset.to_latex(table, label="audit"))
