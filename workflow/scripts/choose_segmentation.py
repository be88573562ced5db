"""Choose the settings by which objects are found, on labelled images that are not tested."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from _segmenting import voxel_of
        from denoisekit.datasets.labels import labelled_pairs, read_labels
        from denoisekit.datasets.registered import read_exposure
        from denoisekit.evaluation import segmentation
        from denoisekit.files import write_json, write_table

        given, settings = snakemake.input, snakemake.params.settings
        on, how = settings["chosen_on"], settings["how"]
        pairs = labelled_pairs(
            given.registered, given.labels, split=on["split"], images=on["images"]
        )
        read = {
            pair.image: read_exposure(given.registered, pair.image, on["exposure"])
            for pair in pairs
        }
        images = {
            name: (
                image.pixels,
                read_labels(given.labels, name),
                voxel_of(image, **snakemake.params.sizes),
            )
            for name, image in read.items()
        }
        tried = segmentation.try_out(images, how=how, settings=settings)
        ends = segmentation.end_sentences(tried, how=how)
        for sentence in ends:
            report(f"warning: {sentence}", at_once=True)
        kept = {"how": how, "chosen": segmentation.best(tried, how=how), "on": on}
        kept |= {"images": list(images), "tried": len(tried), "at_ends": ends}
        kept["seg"] = max(row["seg"] for row in tried)
        write_table(snakemake.output.tried, tried)
        write_json(snakemake.output.settings, kept)
