"""Fetch one published file: link to the user's own, or download it."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import provenance
        from denoisekit.datasets import catalogues, download
        from denoisekit.errors import InputError

        name, _, file = snakemake.wildcards.file.partition("/")
        source, target = snakemake.config["sources"][name], Path(snakemake.output[0])
        catalogue = catalogues.read_catalogue(source["catalogue"])
        sha256 = catalogue["files"][file].get("sha256")
        own, folder = None, catalogues.own_folder(source, where=f"sources.{name}")
        if folder is not None:
            own = catalogues.find_in_folder(catalogue, file, folder=folder)
            report(f"{source['folder']} {'has no' if own is None else 'has'} {file}")
        if own is None:
            address = download.download(
                catalogues.addresses(catalogue, file),
                target,
                sha256=sha256,
                advice=catalogues.advice(catalogue, source=name, target=target),
                report=report,
                patience=download.Patience(),
            )
            report(f"downloaded {address}")
        else:
            try:
                download.check_file(own, sha256=sha256, name=str(own))
            except InputError as error:
                report(f"warning: {error} It is used as it is.", at_once=True)
            target.symlink_to(own)
            report(f"linked {own}")
        report(f"sha256 {provenance.file_sha256(target)}, published: {sha256 or 'none'}")
