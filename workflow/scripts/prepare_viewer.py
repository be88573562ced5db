"""Write the pictures of a few images that the page's viewer shows, and what it says of them."""

from pathlib import Path

from _job import job

# Of a volume, the middle one among them.
_PLANES = 9

if __name__ == "__main__":
    with job(snakemake):
        from _shown import choose_shown
        from _viewer import write_scene
        from denoisekit.report.viewer import PLACES

        files, params = snakemake.input, snakemake.params
        written = set()
        for place in PLACES if files.scores else PLACES[:1]:
            shown = choose_shown(
                files, params, experiment=snakemake.wildcards.experiment, place=place
            )
            if shown.image not in written:
                folder = Path(snakemake.output[0], place)
                write_scene(
                    folder,
                    shown,
                    files,
                    settings={**params.settings, "z_spacing_um": params.z_spacing_um},
                    members=params.members,
                    planes=_PLANES if place == PLACES[0] else 1,
                )
                written.add(shown.image)
