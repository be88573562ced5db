"""Make a stack of each file of one level that lies in a downloaded archive."""

import tempfile
from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _origin import origin
        from denoisekit import archives
        from denoisekit.datasets import published
        from denoisekit.files import write_table

        settings, output = snakemake.params.settings, Path(snakemake.output[0])
        output.mkdir(parents=True)
        rows, stacks = [], {}
        archive = origin(
            snakemake.input,
            file=snakemake.wildcards.file,
            sources=snakemake.config["sources"],
            output=output,
        )
        with tempfile.TemporaryDirectory(dir=output, prefix=".") as folder:

            def choose(names):
                """Name the files that are needed, and where each is written."""
                stacks.update(published.members(names, settings, where=archive))
                return {member: Path(folder, Path(member).name) for member in stacks}

            for member in archives.extract_files(archive, choose):
                file, name = Path(folder, Path(member).name), f"{member} in {archive}"
                shape = published.take_stack(
                    file, output / stacks[member], channel=settings.get("channel"), name=name
                )
                file.unlink()
                rows.append({"stack": stacks[member], "file": member})
                report(f"{stacks[member]}: {' x '.join(map(str, shape))}, from {member}")
        write_table(output / "files.tsv", sorted(rows, key=lambda row: row["stack"]))
