"""Describe the finished study as a Workflow Run RO-Crate, and keep its code and settings."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        import _inputs
        import _record
        from _crate import list_results, list_tables
        from _provenance import PACKAGES, commit
        from denoisekit import __version__, archives, machine, provenance
        from denoisekit.files import read_json, write_json, write_text
        from denoisekit.study import crate

        files, output, config = snakemake.input, snakemake.output, snakemake.params.study
        folder, checkout = Path(output.crate).parent, Path(snakemake.scriptdir).resolve().parents[1]
        _record.copy_code(checkout, Path(output.code))
        write_text(output.settings, _record.settings_text(config))
        tables = {str(path): folder / path for path in list_tables(folder, files.tables)}
        archives.pack(output.tables, {name: path.read_bytes() for name, path in tables.items()})
        versions, made_of = provenance.versions(PACKAGES), snakemake.params.outside
        cards = [read_json(card) for card in files.cards]
        # Networks tell their own, which may be older, or of another environment.
        told = [*versions.items(), *(item for card in cards for item in card["versions"].items())]
        trained_on = sorted({card["device"] for card in cards})
        started, ended, usage = _record.times(folder / "benchmarks", names=snakemake.params.names)
        run = crate.Run(
            title=config["title"],
            description=config["description"],
            workflow=str(Path(output.code, "Snakefile").relative_to(folder)),
            settings=Path(output.settings).name,
            version=__version__,
            commit=commit(checkout),
            language=versions["snakemake"],
            started=started,
            ended=ended,
            seeds=dict(_record.seeds(config)),
            software=sorted({item for item in told if item[0] != "denoisekit"}),
            machine=machine.describe() | ({"networks trained on": trained_on} if cards else {}),
            usage=usage,
        )
        simulated = {
            name: dataset["simulate"]["seed"]
            for name, dataset in config["datasets"].items()
            if "simulate" in dataset
        }
        content = crate.describe(
            folder,
            run,
            inputs=[
                *_inputs.find(files.registered, config, tables=snakemake.params.tables_read),
                *_inputs.of_labels(files.labels),
                *_inputs.from_outside(made_of, files.restored),
            ],
            results=list(list_results(folder, files, seeds=simulated)),
        )
        write_json(output.crate, content)
        report(f"described {len(content['@graph'])} things")
