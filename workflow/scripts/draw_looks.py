"""Draw simulated frames beside measured ones."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _figures import save
        from denoisekit import io, pairs, plots
        from denoisekit.looks import Looks, background_share, evenly_chosen

        sides = {}
        for name, folder, card, pixel_size_um in zip(
            ("simulated", "measured"),
            snakemake.input.registered,
            snakemake.input.cards,
            snakemake.params.pixel_sizes_um,
            strict=True,
        ):
            rows = evenly_chosen(pairs.read_registered(folder), at_most=snakemake.params.at_most)
            files = {pair.image: Path(folder, "high", f"{pair.image}.tif") for pair in rows}
            shares = {
                image: background_share(io.read_image(file).pixels) for image, file in files.items()
            }
            shown = min(shares, key=shares.__getitem__)
            report(f"{name}: {shown} has least background")
            low, high = (
                io.read_image(Path(folder, exposure, f"{shown}.tif"))
                for exposure in ("low", "high")
            )
            sides[name] = plots.Side(
                low=low.pixels,
                high=high.pixels,
                pixel_size_um=low.pixel_size_um or pixel_size_um,
                looks=Looks.from_card(io.read_json(card)),
            )
        save(plots.draw_looks(**sides), snakemake.output)
