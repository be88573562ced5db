"""Draw the scores by noise regime beside the printed ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import noise_regimes
        from denoisekit.published.noise_regimes import COLUMNS
        from denoisekit.statistics import tables

        compared = tables.read(snakemake.input[0], COLUMNS)
        save(noise_regimes.draw_regimes(compared), snakemake.output)
