"""Take one file out of a downloaded archive."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import archives, files
        from denoisekit.datasets import catalogues, download

        archive, member = snakemake.input[0], snakemake.params.member
        source, _, file = snakemake.wildcards.file.partition("/")
        catalogue = catalogues.read_catalogue(snakemake.config["sources"][source]["catalogue"])
        sha256 = catalogue["files"][file].get("sha256")
        with files.replacing(snakemake.output[0]) as unpacked:
            archives.extract_member(archive, member, unpacked)
            found = download.check_file(unpacked, sha256=sha256, name=f"{member} of {archive}")
        report(f"unpacked {member}, sha256 {found}")
