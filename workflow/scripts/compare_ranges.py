"""Hold what measured frames look like against the range of simulated ones."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit.statistics import tables
        from denoisekit.statistics.ranges import FRAMES, compare_ranges

        frames = [tables.read(path, FRAMES) for path in snakemake.input]
        sides = zip(frames[::2], frames[1::2], strict=True)
        compared = compare_ranges(dict(zip(snakemake.params.pairs, sides, strict=True)))
        tables.write(snakemake.output[0], compared)
