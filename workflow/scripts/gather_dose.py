"""Set scores, sharpness and coverage beside the light, and find the least that is enough."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from denoisekit.files import write_text
        from denoisekit.statistics import calibration, dose, sharpness, tables, typeset
        from denoisekit.statistics.scores import EXPERIMENTS, SCORES

        files, outputs, settings = snakemake.input, snakemake.output, snakemake.params.settings
        scores = tables.read(files.scores, SCORES)
        parts = [scores[scores["convention"] == settings["convention"]]]
        for kind, columns in (
            ("sharpness", sharpness.MEASURED),
            ("calibration", calibration.MEASURED),
        ):
            for path in files.get(kind, []):
                measured = tables.read(path, columns).rename(columns={"quantity": "metric"})
                parts.append(measured[measured["metric"].isin(dose.MEASURED)])
        images = dose.by_light(
            pd.concat(parts, ignore_index=True),
            tables.read(files.experiments, EXPERIMENTS),
            {Path(path).stem: tables.read(path, dose.LIGHT) for path in files.light},
            sweeps=settings["sweeps"],
            methods=settings["methods"],
        )
        least = dose.least_light(images, sweeps=settings["sweeps"], alpha=settings["alpha"])
        tables.write(outputs.means, dose.average(images))
        tables.write(outputs.tsv, least)
        write_text(outputs.md, typeset.to_markdown(dose.least_table(least)))
        write_text(outputs.tex, typeset.to_latex(dose.least_table(least), label="least-light"))
