"""Take one file out of a downloaded archive."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import archives, download, io

        entry = snakemake.params.settings
        with io.replacing(snakemake.output[0]) as unpacked:
            archives.extract_member(snakemake.input[0], entry["member"], unpacked)
            found = download.check_file(unpacked, sha256=entry.get("sha256"))
        report(f"unpacked {entry['member']}, sha256 {found}")
