"""Draw every method's restoration of one image."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from _shown import choose_shown
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
        figure = images.draw_montage(
            truth.pixels,
            panels,
            inset_px=params.settings["inset_px"],
            pixel_size_um=truth.pixel_size_um,
        )
        save(figure, snakemake.output)
