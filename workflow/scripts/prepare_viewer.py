"""Write the pictures of one image that the page's viewer shows, and what it says of them."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from PIL import Image

        from _figures import choose_shown
        from denoisekit import io
        from denoisekit.display import display

        files, settings = snakemake.input, snakemake.params.settings
        shown = choose_shown(files, settings, snakemake.wildcards.experiment)
        truth = shown.exposure(files.registered, "high")
        made = display(
            truth.pixels,
            shown.exposure(files.registered, "low").pixels,
            {name: shown.restored(files.restored, name) for name in shown.runs if name != "noisy"},
            side_px=settings["side_px"],
        )
        folder = Path(snakemake.output[0])
        folder.mkdir(parents=True)
        Image.fromarray(made.truth).save(folder / "truth.png")
        for name in shown.runs:
            Image.fromarray(made.images[name]).save(folder / f"image-{name}.png")
            Image.fromarray(made.errors[name]).save(folder / f"error-{name}.png")
        rows, columns = made.window
        card = {
            "image": shown.image,
            "window": [rows.start, rows.stop, columns.start, columns.stop],
            "whole": truth.pixels.shape,
            "pixel_size_um": truth.pixel_size_um,
            "error_top": made.error_top,
            "methods": [
                {
                    "name": name,
                    "run": shown.runs[name],
                    "psnr": shown.scores[shown.runs[name], "psnr"],
                    "ssim": shown.scores[shown.runs[name], "ssim"],
                }
                for name in settings["methods"]
            ],
        }
        io.write_json(folder / "card.json", card)
