"""Write the page that a person reads."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _folder_tables import read_quality, read_strengths, read_units
        from _page import read_cards, read_jobs, read_validation
        from _paper import read_published, read_study
        from _provenance import describe
        from _runs import read_runs
        from _scenes import read_scenes
        from _tables import read_tables
        from _written import write
        from denoisekit import report
        from denoisekit.datasets.leakage import MATCHES
        from denoisekit.files import read_json
        from denoisekit.statistics import tables
        from denoisekit.statistics.scores import EXPERIMENTS

        files, params = snakemake.input, snakemake.params
        results = report.Results(
            config=params.study,
            sources=params.sources,
            threads=snakemake.threads,
            experiments=tables.read(files.experiments, EXPERIMENTS),
            **read_tables(files),
            runs=read_runs(files, params.settings),
            study=read_study(files, params.settings) if files.scores else None,
            published=read_published(files.published) if files.published else None,
            figures={
                path.stem: path.read_bytes()
                for path in map(Path, files.figures)
                if path.suffix == ".png"
            },
            flicker={
                tuple(path.stem.removeprefix("flicker-").split(".")): f"figures/{path.name}"
                for path in map(Path, files.figures)
                if path.suffix == ".gif"
            },
            scenes=read_scenes(files.viewer),
            validation=read_validation(files.get("validation", [])),
            cards=read_cards(files.cards, params.networks),
            quality=read_quality(files.registered),
            strengths=read_strengths(files.filtered),
            outside=read_units(files.get("outside", [])),
            pipelines={Path(path).parent.name: read_json(path) for path in files.pipelines},
            matches=tables.read(files.apart, MATCHES),
            noise={Path(path).stem: read_json(path) for path in files.noise},
            jobs=read_jobs(Path(snakemake.output.page).parent / "benchmarks", names=params.names),
            provenance=describe(
                params.config_files, Path(snakemake.scriptdir), params.published_sums
            ),
        )
        write(results, snakemake.output)
