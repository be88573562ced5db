"""Write the pictures of one image that the page's viewer shows, and what it says of them."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from PIL import Image

        from _shown import choose_shown
        from denoisekit.evaluation.display import display, display_without_truth
        from denoisekit.evaluation.metrics import HEADLINE
        from denoisekit.files import write_json

        files, params = snakemake.input, snakemake.params
        scored = bool(files.scores)
        shown = choose_shown(
            files,
            experiment=snakemake.wildcards.experiment,
            runs=params.runs,
            settings=params.settings,
            pixel_size_um=params.pixel_size_um,
        )
        low = shown.exposure(files.registered, "low")
        restored = {name: shown.restored(files, name) for name in shown.runs if name != "noisy"}
        if scored:
            truth = shown.exposure(files.registered, "high").pixels
            made = display(truth, low.pixels, restored, side_px=params.settings["side_px"])
        else:
            made = display_without_truth(low.pixels, restored, side_px=params.settings["side_px"])

        folder = Path(snakemake.output[0])
        folder.mkdir(parents=True)
        pictures = {f"image-{name}": pixels for name, pixels in made.images.items()}
        pictures |= {f"error-{name}": pixels for name, pixels in made.errors.items()}
        if made.truth is not None:
            pictures["truth"] = made.truth
        for name, pixels in pictures.items():
            Image.fromarray(pixels).save(folder / f"{name}.png")
        rows, columns = made.window
        card = {
            "image": shown.image,
            "window": [rows.start, rows.stop, columns.start, columns.stop],
            "whole": low.pixels.shape,
            "pixel_size_um": low.pixel_size_um,
            "error_top": made.error_top,
            "methods": [
                {"name": name, "run": run}
                | {metric: shown.scores[run, metric] for metric in HEADLINE if scored}
                for name, run in ((name, shown.runs[name]) for name in params.settings["methods"])
            ],
        }
        write_json(folder / "card.json", card)
