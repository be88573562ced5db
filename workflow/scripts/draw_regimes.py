"""Draw the scores by noise regime beside the printed ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit import plots, tables

        save(plots.draw_regimes(tables.read(snakemake.input[0])), snakemake.output)
