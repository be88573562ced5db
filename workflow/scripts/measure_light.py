"""Count the photons of each image to test on, by the images' own noise."""

from _job import job

if __name__ == "__main__":
    with job(snakemake) as report:
        from denoisekit.datasets.thinned import count_photons
        from denoisekit.files import write_table

        photons = count_photons(snakemake.input[0], name=snakemake.wildcards.dataset)
        rows = [{"image": image, "photons": count} for image, count in photons.items()]
        write_table(snakemake.output[0], rows)
        report(f"counted the photons of {len(rows)} images")
