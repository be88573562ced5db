"""Draw samples of what a method predicts, to be seen one after the other."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from PIL import Image

        import _mixtures
        from _shown import choose_shown
        from denoisekit.evaluation.display import most_detailed
        from denoisekit.evaluation.flicker import sampled_frames
        from denoisekit.files import replacing
        from denoisekit.noise import usable
        from denoisekit.statistics import calibration, tables

        files, params = snakemake.input, snakemake.params
        method, settings = snakemake.wildcards.scaled_method, params.flicker
        shown = choose_shown(
            files,
            experiment=snakemake.wildcards.experiment,
            runs=params.runs,
            settings=params.settings,
            pixel_size_um=params.pixel_size_um,
        )
        low, high = (shown.exposure(files.registered, name).pixels for name in ("low", "high"))
        chosen = usable.of_all([high, low], outside=params.outside, name=f"The image {shown.image}")
        folders = {Path(folder).name: folder for folder in files.restored}
        members = [folders[run] for run in params.members[method]]
        learned = calibration.temperatures(
            [tables.read(path, calibration.MEASURED) for path in files.measured]
        )
        frames = [
            Image.fromarray(pixels).resize([2 * side for side in pixels.shape[::-1]], 0)
            for pixels in sampled_frames(
                high,
                _mixtures.read(files.registered, members, shown.image, chosen=chosen),
                usable=chosen,
                window=most_detailed(high, settings["side_px"]),
                temperature=learned[params.runs[method]],
                count=settings["frames"],
                seed=settings["seed"],
            )
        ]
        with replacing(snakemake.output[0]) as temporary:
            frames[0].save(
                temporary,
                "GIF",
                save_all=True,
                append_images=frames[1:],
                duration=settings["ms"],
                loop=0,
            )
