"""Draw the training and the validation loss of every model."""

from pathlib import Path

from _job import job

if __name__ == "__main__":
    with job(snakemake):
        from _figures import save
        from denoisekit.figures import training
        from denoisekit.statistics import tables
        from denoisekit.study.runs import Run

        histories = {}
        for path in map(Path, snakemake.input):
            run = Run.of_model(path.parent)
            key = run.train_set, run.method, str(run.seed)
            histories[key] = tables.read(path, training.HISTORY)
        save(training.draw_learning_curves(histories), snakemake.output)
