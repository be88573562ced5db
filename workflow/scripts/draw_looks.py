"""Draw simulated frames beside measured ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _figures import save
        from denoisekit.datasets.registered import read_exposure, read_registered
        from denoisekit.evaluation.looks import Looks, background_share, evenly_chosen
        from denoisekit.figures import looks
        from denoisekit.files import read_json

        sides = {}
        for name, folder, card, pixel_size_um in zip(
            ("simulated", "measured"),
            snakemake.input.registered,
            snakemake.input.cards,
            snakemake.params.pixel_sizes_um,
            strict=True,
        ):
            rows = evenly_chosen(read_registered(folder), at_most=snakemake.params.at_most)
            shares = {
                pair.image: background_share(read_exposure(folder, pair.image, "high").pixels)
                for pair in rows
            }
            shown = min(shares, key=shares.__getitem__)
            report(f"{name}: {shown} has least background")
            low, high = (read_exposure(folder, shown, exposure) for exposure in ("low", "high"))
            sides[name] = looks.Side(
                low=low.pixels,
                high=high.pixels,
                pixel_size_um=low.pixel_size_um or pixel_size_um,
                looks=Looks.from_card(read_json(card)),
            )
        save(looks.draw_looks(**sides), snakemake.output)
