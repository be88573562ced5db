import re
from dataclasses import replace

import pandas as pd
import pytest
from study_page import TRAIN_SETS, results
from study_tables import EXPERIMENTS, by_experiment

from denoisekit import report
from denoisekit.report.answers import Evidence, answer_questions
from denoisekit.statistics.scores import summarise


@pytest.fixture(scope="module")
def evidence():
    return of(by_experiment(conventions=("care",)))


def of(scores):
    """Gather what answers are computed from."""
    return Evidence(
        experiments=EXPERIMENTS,
        train_sets=TRAIN_SETS,
        summary=summarise(scores, EXPERIMENTS),
        scores=scores,
        reference="laplace",
        called="CARE",
    )


def scored(evidence, levels):
    """The same evidence, with a method's scores moved by so many dB in some experiments."""
    scores = evidence.scores.copy()
    for (experiment, method), decibels in levels.items():
        rows = (scores["experiment"] == experiment) & (scores["method"] == method)
        scores.loc[rows & (scores["metric"] == "psnr"), "value"] += decibels
    summary = summarise(scores, evidence.experiments)
    return replace(evidence, scores=scores, summary=summary)


def mean(evidence, experiment, method):
    chosen = evidence.summary.set_index(["experiment", "method"])
    return chosen.loc[(experiment, method), "psnr"]


def test_the_questions_are_the_papers(evidence):
    questions = [answer.question for answer in answer_questions(evidence)]
    assert questions[0] == "How well does the CARE network perform on our microscopy data set?"
    assert questions[3] == "Can we reliably restore live cell images?"
    assert len(questions) == 4
    first, second, *_ = answer_questions(replace(evidence, called="N2V"))
    assert first.question == "How well does the N2V network perform on our microscopy data set?"
    assert second.question.endswith("sharper than those produced by N2V?")


def test_how_well_is_told_from_the_experiments_that_match(evidence):
    answer = answer_questions(evidence)[0]
    gains = [
        mean(evidence, name, "laplace") - mean(evidence, name, "noisy") for name in ("AA", "DDS")
    ]
    assert f"raises mean PSNR by {min(gains):.2f} dB to {max(gains):.2f} dB (higher in 2 of 2)" in (
        answer.short
    )
    assert "MA" not in " ".join([answer.short, *answer.sentences])
    assert answer.sentences[-1] == (
        "Basis: AA (6 images, simulated); DDS (8 images of 1 field, measured); networks were "
        "trained once (seed 0), and other seeds give others."
    )


def test_several_seeds_are_told():
    scores = by_experiment(conventions=("care",), seeds=("0", "3"))
    told = answer_questions(of(scores))[0]
    assert told.sentences[-1].endswith("; scores are means over networks of the seeds 0, 3.")


def test_a_loss_of_score_is_told(evidence):
    worse = scored(evidence, {("AA", "laplace"): -15})
    answer = answer_questions(worse)[0]
    assert "Laplace changes mean PSNR by −5." in answer.short
    assert "(higher in 1 of 2, not in AA)" in answer.short
    lost = scored(evidence, {("AA", "laplace"): -15, ("DDS", "laplace"): -15})
    assert "Laplace lowers mean PSNR by 5." in answer_questions(lost)[0].short
    assert "(higher in 0 of 2)" in answer_questions(lost)[0].short


def test_other_losses_are_ranked_by_their_means(evidence):
    answer = answer_questions(evidence)[1]
    first = answer.sentences[0]
    assert "FFT +1." in first
    assert first.index("FFT") < first.index("Bandpass −0.")
    assert "(2 of 2)" in first
    assert "(0 of 2)" in first
    assert "1 of 2 other networks have a higher mean SSIM than Laplace; the best of them, FFT" in (
        answer.short
    )


def test_measured_sharpness_answers_before_scores_do(evidence):
    told = replace(evidence, sharpness=("FFT is as sharp as the truth.", "More."))
    answer = answer_questions(told)[1]
    assert answer.short == "FFT is as sharp as the truth."
    assert answer.sentences[0] == "More."


def test_a_mismatch_is_set_beside_the_experiment_that_was_trained_for_it(evidence):
    answer = answer_questions(evidence)[2]
    change = mean(evidence, "MA", "laplace") - mean(evidence, "AA", "laplace")
    assert answer.sentences[0].startswith(
        "MA, trained on mito and tested on actin, against AA, which was trained for it: mean PSNR "
        f"Laplace −{-change:.2f} dB, "
    )
    assert "against the best filter it differs by −" in answer.short
    assert "(higher in 0 of 1)" in answer.short


def test_patches_of_the_same_size_are_compared():
    train_sets = {**TRAIN_SETS, "actin": {"dataset": "actin", "patch_size": 32}}
    train_sets["actin-64"] = {"dataset": "actin", "patch_size": 64}
    second = EXPERIMENTS[:1].assign(experiment="AA64", train_set="actin-64")
    experiments = pd.concat([EXPERIMENTS, second], ignore_index=True)
    scores = by_experiment(conventions=("care",))
    copied = scores[scores["experiment"] == "AA"].assign(experiment="AA64")
    scores = pd.concat([scores, copied], ignore_index=True)
    evidence = Evidence(
        experiments=experiments,
        train_sets=train_sets,
        summary=summarise(scores, experiments),
        scores=scores,
        reference="laplace",
        called="CARE",
    )
    assert "against AA64, which was trained for it" in answer_questions(evidence)[2].sentences[0]


def test_frames_that_got_worse_are_counted(evidence):
    answer = answer_questions(evidence)[3]
    assert answer.short.endswith("than the noisy input in 8 of 8 frames of DDS.")
    assert "the highest mean is that of FFT (+1." in answer.sentences[0]
    worse = scored(evidence, {("DDS", "laplace"): -20, ("DDS", "fft"): -20})
    assert "in 0 of 8 frames of DDS" in answer_questions(worse)[3].short
    best = scored(evidence, {("DDS", "laplace"): 20})
    assert "no method's mean is higher" in answer_questions(best)[3].sentences[0]


def test_tiles_of_one_field_are_no_movie(evidence):
    tiles = EXPERIMENTS.assign(movie="no")
    told = answer_questions(replace(evidence, experiments=tiles))[3]
    assert told.short == "No movie was restored in this study."


def test_what_a_study_did_not_try_is_said(evidence):
    alone = replace(evidence, experiments=EXPERIMENTS[:1])
    told = [answer.short for answer in answer_questions(alone)]
    assert told[2] == "No experiment of this study answers this."
    assert told[3] == "No movie was restored in this study."
    single = evidence.summary[~evidence.summary["method"].isin(["fft", "bandpass"])]
    alone = answer_questions(replace(evidence, summary=single))[1]
    assert alone.short == "No other network was trained."
    assert answer_questions(replace(evidence, reference="tv")) == []
    crossed = replace(evidence, experiments=EXPERIMENTS[1:2])
    told = [answer.short for answer in answer_questions(crossed)]
    assert told[:2] == ["No experiment tests on what it was trained on."] * 2


def test_the_papers_questions_are_answered_where_its_numbers_are():
    page = report.render(results())
    assert "Can we reliably restore live cell images?" in page
    assert "Four questions" not in report.render(replace(results(), published=None))


def test_one_page_has_one_answer_to_what_is_sharper():
    page = report.render(results())
    said = re.findall(r"Sharper than Laplace by more than [^<]*", page)
    assert len(said) == 2
    assert len(set(said)) == 1


def test_a_method_is_counted_where_it_takes_part(evidence):
    scores = evidence.scores
    away = (scores["experiment"] == "DDS") & (scores["method"] == "bandpass")
    matched = len(evidence.matched())
    sharp = " ".join(answer_questions(of(scores[~away]))[1].sentences)
    assert re.search(rf"FFT [^(]*\(\d of {matched}\)", sharp)
    assert re.search(rf"Bandpass [^(]*\(\d of {matched - 1}\)", sharp)
