"""Draw truth, input and restored image along a line, with the interval of what is predicted."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _mixtures
        from _figures import save
        from _shown import choose_shown
        from denoisekit.evaluation import profiles
        from denoisekit.figures import calibration as figures
        from denoisekit.noise import usable
        from denoisekit.statistics import calibration, tables

        files, params = snakemake.input, snakemake.params
        shown = choose_shown(
            files,
            experiment=snakemake.wildcards.experiment,
            runs=params.runs,
            settings=params.settings,
            pixel_size_um=params.pixel_size_um,
        )
        low, high = (shown.exposure(files.registered, exposure) for exposure in ("low", "high"))
        chosen = usable.of_all(
            [high.pixels, low.pixels], outside=params.outside, name=f"The image {shown.image}"
        )
        line = profiles.most_contrasted(high.pixels, chosen, length_px=params.line["length_px"])
        learned = calibration.temperatures(
            [tables.read(path, calibration.MEASURED) for path in files.measured]
        )
        folders = {Path(folder).name: folder for folder in files.restored}
        found = {
            method: profiles.profile(
                high.pixels,
                low.pixels,
                _mixtures.read(
                    files.registered, [folders[run] for run in runs], shown.image, chosen=chosen
                ),
                usable=chosen,
                line=line,
                level=params.line["level"],
                temperature=learned[params.runs[method]],
            )
            for method, runs in params.members.items()
        }
        figure = figures.draw_profile(
            high.pixels,
            found,
            image=shown.image,
            line=line,
            level=params.line["level"],
            methods=params.settings["methods"],
            pixel_size_um=high.pixel_size_um,
        )
        save(figure, snakemake.output)
