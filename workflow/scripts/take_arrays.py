"""Make a stack of each array of patches of a file that lies in a downloaded archive."""

import tempfile
from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _origin import origin
        from denoisekit import archives
        from denoisekit.datasets import published

        settings, output = snakemake.params.settings, Path(snakemake.output[0])
        output.mkdir(parents=True)
        member = settings["npz"]
        archive = origin(
            snakemake.input,
            file=snakemake.wildcards.file,
            sources=snakemake.config["sources"],
            output=output,
        )
        with tempfile.TemporaryDirectory(dir=output, prefix=".") as folder:
            npz = archive / member
            if not archive.is_dir():
                npz = Path(folder, "patches.npz")
                archives.extract_member(archive, member, npz)
                report(f"unpacked {member}")
            for name, array in settings["arrays"].items():
                shape = published.take_array(
                    npz,
                    array,
                    output / f"{name}.tif",
                    count=settings["count"],
                    name=f"{member} in {archive}",
                )
                report(f"{name}.tif: {' x '.join(map(str, shape))}, from the array {array}")
