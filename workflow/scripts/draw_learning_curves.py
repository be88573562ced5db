"""Draw the training and the validation loss of every model."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import training
        from denoisekit.statistics import tables

        histories = {}
        for path in map(Path, snakemake.input):
            seed, method, train_set = (folder.name for folder in path.parents[:3])
            histories[train_set, method, seed] = tables.read(path, training.HISTORY)
        save(training.draw_learning_curves(histories), snakemake.output)
