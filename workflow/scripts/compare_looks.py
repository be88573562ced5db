"""Set what simulated frames look like beside what measured ones do."""

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from denoisekit import files
        from denoisekit.evaluation.looks import Looks
        from denoisekit.statistics import tables
        from denoisekit.statistics.looks import compare_looks

        looks = [Looks.from_card(files.read_json(path)) for path in snakemake.input]
        sides = zip(looks[::2], looks[1::2], strict=True)
        cameras = snakemake.params.cameras
        compared = compare_looks(dict(zip(cameras, sides, strict=True)), cameras=cameras)
        tables.write(snakemake.output[0], compared)
