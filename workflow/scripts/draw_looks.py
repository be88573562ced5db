"""Draw simulated frames beside measured ones."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _figures import save
        from denoisekit import io, pairs, plots
        from denoisekit.looks import Looks, background_share

        sides = {}
        for name, folder, card, pixel_size_um in zip(
            ("simulated", "measured"),
            snakemake.input.registered,
            snakemake.input.cards,
            snakemake.params.pixel_sizes_um,
            strict=True,
        ):
            high = {
                pair.image: io.read_image(Path(folder, "high", f"{pair.image}.tif"))
                for pair in pairs.read_registered(folder)
            }
            shown = min(high, key=lambda image: background_share(high[image].pixels))
            report(f"{name}: {shown} has least background")
            low = io.read_image(Path(folder, "low", f"{shown}.tif"))
            sides[name] = plots.Side(
                low=low.pixels,
                high=high[shown].pixels,
                pixel_size_um=low.pixel_size_um or pixel_size_um,
                looks=Looks.from_card(io.read_json(card)),
            )
        save(plots.draw_looks(**sides), snakemake.output)
