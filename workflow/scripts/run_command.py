"""Restore the images of one test set with a command of another program, in its environment."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        # The environment is the program's, and need not hold what the rest of the library needs.
        from denoisekit import commands

        files, params = snakemake.input, snakemake.params
        trained = {"train": str(files.train), "seed": params.seed} if files.train else {}
        commands.restore(
            params.command,
            method=params.method,
            inputs=Path(files.images, "low"),
            outputs=Path(snakemake.output[0]),
            places=trained,
            here=params.here,
            log=snakemake.log[0],
            report=report,
        )
