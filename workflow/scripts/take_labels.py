"""Take the user's own labels of one data set, and check them."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets import labels
        from denoisekit.study import contents, labelled

        params = snakemake.params
        where = f"datasets.{snakemake.wildcards.dataset}.labels"

        def file_of(image):
            """Return where the labels of an image should lie."""
            return labelled.label_file(params.pattern, image, where=where)

        taken = labels.take(
            snakemake.input.registered, snakemake.output[0], file_of=file_of, where=where
        )
        contents.note(params.own, content=params.content, folder=snakemake.output[0])
        report(f"took the labels of {len(taken)} images")
