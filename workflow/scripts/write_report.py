"""Write the page that a person reads."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _page import read_jobs, read_scene
        from _paper import read_published, read_study
        from _provenance import describe
        from denoisekit import io, report, tables
        from denoisekit.study_runs import Run

        files, params = snakemake.input, snakemake.params
        cards = {}
        for path in map(Path, files.cards):
            run = Run.of_model(path.parent)
            cards[run.train_set, run.method, str(run.seed)] = io.read_json(path)
        # Without any truth there are no scores, and none of these.
        scores = {
            name: tables.read(files[name]) if files[name] else None
            for name in ("summary", "comparisons", "compared", "left_out", "sharpness")
        }
        results = report.Results(
            config=params.study,
            experiments=tables.read(files.experiments),
            **scores,
            study=read_study(files, params.settings) if files.scores else None,
            published=read_published(files.published) if files.published else None,
            figures={
                path.stem: path.read_bytes()
                for path in map(Path, files.figures)
                if path.suffix == ".png"
            },
            scenes={Path(folder).name: read_scene(Path(folder)) for folder in files.viewer},
            cards=cards,
            quality={
                Path(folder).name: tables.read(Path(folder, "quality.tsv"))
                for folder in files.registered
            },
            strengths={
                (Path(folder).parent.name, Path(folder).name): tables.read(
                    Path(folder, "strengths.tsv")
                )
                for folder in files.filtered
            },
            matches=tables.read(files.apart),
            looks=tables.read(files.looks) if files.looks else None,
            regimes=tables.read(files.regimes) if files.regimes else None,
            noise={Path(path).stem: io.read_json(path) for path in files.noise},
            jobs=read_jobs(Path(snakemake.output[0]).parent / "benchmarks", names=params.names),
            provenance=describe(
                params.config_files, Path(snakemake.scriptdir), params.published_sums
            ),
        )
        io.write_text(snakemake.output[0], report.render(results))
