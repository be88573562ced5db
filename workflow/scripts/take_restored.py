"""Take the images of one test set as they were restored outside of the study, and check them."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit import files
        from denoisekit.datasets import outside
        from denoisekit.datasets.registered import restored_to
        from denoisekit.study import contents

        registered, params = snakemake.input.registered, snakemake.params
        folder, method = Path(snakemake.output[0]), params.method
        rows, restored, noisy = [], {}, {}

        def file_of(name):
            """Return where an image or a stack should lie."""
            return Path(params.pattern.replace("{image}", name))

        found = outside.find(registered, file_of, method=method)
        with restored_to(
            folder, registered=registered, pixel_size_um=params.pixel_size_um
        ) as write:
            for name, (path, page) in found.items():
                pixels, low = outside.read(registered, name, path, page)
                write(name, pixels)
                rows.append({"image": name, **outside.units(pixels, low)})
                restored[name], noisy[name] = outside.shrunk(pixels), outside.shrunk(low)
                report(f"took {name}")
        outside.check_order(restored, noisy, method=method)
        for sentence in outside.units_sentences(rows, method=method):
            report(sentence, at_once=True)
        files.write_table(folder / "units.tsv", rows)
        contents.note(params.own, content=params.content, folder=folder)
