"""Draw where measured frames lie among simulated ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures.ranges import draw_ranges
        from denoisekit.statistics import tables
        from denoisekit.statistics.ranges import FRAMES

        simulated, measured = (tables.read(path, FRAMES) for path in snakemake.input)
        save(draw_ranges(simulated, measured), snakemake.output)
