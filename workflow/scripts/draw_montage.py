"""Draw every method's restoration of one image."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        import _sections
        from _figures import save
        from _shown import choose_shown
        from denoisekit.evaluation.display import most_detailed
        from denoisekit.evaluation.metrics import HEADLINE
        from denoisekit.figures import images
        from denoisekit.statistics.wording import method_label, named_score

        files, params = snakemake.input, snakemake.params
        shown = choose_shown(files, params, experiment=snakemake.wildcards.experiment)
        panels = [
            images.Panel(
                "\n".join(
                    [
                        method_label(method),
                        *(named_score(shown.scores[run, m], m) for m in HEADLINE),
                    ]
                ),
                shown.restored(files, method),
            )
            for method, run in shown.runs.items()
        ]
        truth = shown.exposure(files.registered, "high")
        detail = most_detailed(truth.pixels, params.settings["inset_px"])
        figure = images.draw_montage(
            truth.pixels,
            panels,
            inset_px=params.settings["inset_px"],
            sections=_sections.read(
                shown, files, detail, truth=True, spacing_um=params.z_spacing_um
            ),
            pixel_size_um=truth.pixel_size_um,
        )
        save(figure, snakemake.output)
