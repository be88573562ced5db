import numpy as np
import pandas as pd
import pytest
from scipy import stats

from denoisekit.statistics.choice import (
    brightness_sentence,
    choose,
    lead_sentences,
    sureness_sentences,
    verdict,
)

RNG = np.random.default_rng(4)
LEVELS = {"noisy": 20.0, "tv": 30.0, "nlm": 29.0, "laplace": 31.0, "fft": 32.0}
SPREAD = {name: RNG.normal(0, 0.1, 12) for name in LEVELS}


def scores(levels, *, images=12, ssim=None, seeds=("0",), spread=SPREAD):
    """Return scores of every run: a method's level, each image's own, and some noise."""
    rows = []
    for method, level in levels.items():
        trained = method in ("laplace", "fft")
        for seed in seeds if trained else ("",):
            for image in range(images):
                value = level + image + spread[method][image] + 0.01 * int(seed or 0)
                row = ["E", method, "network" if trained else "filter", seed, f"{image}", "care"]
                rows += [[*row, "psnr", value], [*row, "ssim", (ssim or levels)[method] / 100]]
    columns = ["experiment", "method", "kind", "seed", "image", "convention", "metric", "value"]
    return pd.DataFrame(rows, columns=columns)


def facts(images=12, fields=None, movie="no", simulated="no"):
    columns = ["experiment", "test_images", "test_fields", "movie", "simulated", "truth"]
    return pd.DataFrame([["E", images, fields or images, movie, simulated, "yes"]], columns=columns)


def chosen(levels=LEVELS, *, arbitrary=(), about=None, **options):
    about = facts(options.get("images", 12)) if about is None else about
    (choice,) = choose(
        scores(levels, **options),
        about,
        convention="care",
        alpha=0.05,
        shared={},
        arbitrary=arbitrary,
    )
    return choice


def test_a_network_that_leads_every_filter_and_the_runner_up_is_recommended():
    choice = chosen()
    assert verdict(choice) == "Use FFT."
    over_filter, over_next = lead_sentences(choice)
    assert over_filter.startswith("FFT is 2.0")
    assert "ahead of the best filter, TV (interval +" in over_filter
    assert over_filter.endswith("better in 12 of 12 images.")
    assert "dB ahead of the runner-up, Laplace (interval +" in over_next


def test_the_lead_over_the_runner_up_is_tested_for_as_many_methods_as_could_be_chosen():
    lead = chosen().next_lead
    differences = 1 + SPREAD["fft"] - SPREAD["laplace"]
    level = 0.05 / 4
    low, _ = stats.t.interval(1 - level, 11, differences.mean(), stats.sem(differences))
    _, high = stats.t.interval(1 - level / 3, 11, differences.mean(), stats.sem(differences))
    assert (lead.low, lead.high) == (pytest.approx(low), pytest.approx(high))


def test_the_lead_over_the_best_filter_is_tested_for_as_many_as_are_no_filter():
    lead = chosen().filter_lead
    differences = 2 + SPREAD["fft"] - SPREAD["tv"]
    low, _ = stats.t.interval(1 - 0.05 / 2, 11, differences.mean(), stats.sem(differences))
    assert lead.low == pytest.approx(low)


def test_where_a_filter_has_the_best_mean_nothing_is_better_than_it():
    choice = chosen({**LEVELS, "tv": 34.0})
    assert verdict(choice) == "Nothing is better than a filter: use TV."
    (said,) = lead_sentences(choice)
    assert said.startswith("FFT is 1.98 dB behind the best filter, TV (interval −")
    assert said.endswith("better in 0 of 12 images.")


def test_a_lead_that_may_be_chance_recommends_the_filter():
    choice = chosen({**LEVELS, "tv": 31.97})
    assert choice.best == "fft"
    assert verdict(choice) == "Nothing is shown to be better than a filter: use TV."
    assert lead_sentences(choice)[-1] == "A tie: no difference is shown between FFT and TV."


def test_a_network_that_is_surely_better_is_taken_before_one_that_may_be():
    wide = {**SPREAD, "fft": 40 * (SPREAD["fft"] - SPREAD["fft"].mean())}
    choice = chosen({**LEVELS, "laplace": 31.9}, spread=wide)
    assert choice.best == "fft"
    assert verdict(choice) == "Use Laplace."
    assert any(text.startswith("A tie: no difference") for text in lead_sentences(choice))


def test_equal_networks_are_said_to_be_a_tie():
    choice = chosen({**LEVELS, "laplace": 31.99})
    assert verdict(choice) in ("Use FFT or Laplace: a tie.", "Use Laplace or FFT: a tie.")
    assert set(choice.ties) | {choice.best} == {"fft", "laplace"}


def test_two_images_cannot_show_a_difference():
    choice = chosen(images=2)
    assert verdict(choice) == (
        "2 images cannot show a difference: FFT merely has the best mean PSNR."
    )
    said = lead_sentences(choice)
    assert "(interval" not in " ".join(said)
    assert "better in 2 of 2 images." in said[0]
    assert "would do" in said[-1] or "cannot be told" in said[-1]
    assert "intervals" not in " ".join(sureness_sentences(choice))


def test_a_single_image_cannot_show_a_difference_nor_how_many_would():
    choice = chosen(images=1)
    assert verdict(choice).startswith("A single image cannot show a difference: FFT merely has")
    assert lead_sentences(choice)[-1].startswith("How many would do cannot be told")


def test_one_movie_cannot_show_which_method_is_better():
    choice = chosen(about=facts(12, 1, movie="yes"))
    assert verdict(choice).startswith("Frames or tiles of one field are not independent samples: ")
    assert "better in 12 of 12 frames." in lead_sentences(choice)[0]
    assert sureness_sentences(choice)[0].startswith("Rests on 12 measured images of 1 field and 1 ")


def test_nothing_may_be_better_than_the_input():
    choice = chosen({**LEVELS, "noisy": 40.0})
    assert verdict(choice) == "Nothing is better than the noisy input."
    assert len(lead_sentences(choice)) == 1
    assert brightness_sentence(choice, None) == "Brightness is that of the input."


def test_a_metric_that_has_another_best_method_is_told():
    choice = chosen(ssim={**LEVELS, "laplace": 50.0})
    assert lead_sentences(choice)[-1] == "Another metric has another best method: by SSIM Laplace."


def test_where_a_loss_sees_no_brightness_another_method_is_named():
    choice = chosen(arbitrary=("fft",))
    assert verdict(choice) == "Use FFT (brightness arbitrary)."
    said = brightness_sentence(choice, None)
    assert said.startswith("Brightness of FFT is arbitrary: its loss does not see it; where it is ")
    assert "measured, use Laplace, 1.0" in said
    assert said.endswith("dB of mean PSNR behind.")
    nothing = chosen(arbitrary=tuple(LEVELS))
    assert brightness_sentence(nothing, None).startswith("Brightness must not be used")


def test_brightness_can_be_used_where_the_measured_gain_is_near_one():
    row = {"experiment": "E", "method": "fft", "images": 12, "offset": 0.0}

    def said(gain, low, high, images=12):
        ends = {"gain": gain, "gain_low": low, "gain_high": high}
        gains = pd.DataFrame([row | ends | {"images": images}])
        return brightness_sentence(chosen(), gains)

    assert said(1.0, 0.99, 1.01) == (
        "Brightness of FFT can be used: gain to the truth 1.000 (0.990 to 1.010)."
    )
    assert "is not quite kept: gain to the truth 1.060" in said(1.06, 1.05, 1.07)
    few = said(0.9, np.nan, np.nan, images=1)
    assert "is not quite kept: gain to the truth 0.900 (one image)" in few
    tiles = said(0.9, np.nan, np.nan, images=9)
    assert "gain to the truth 0.900 (mean of 9, which share fields)" in tiles
    assert "is tied to that of the image" in brightness_sentence(chosen(), None)


def test_what_a_choice_rests_on_is_told():
    once = sureness_sentences(chosen(about=facts(12, simulated="yes")))
    assert once == [
        "Rests on 12 simulated images of 12 fields and 1 network of each method that is trained.",
        "What is trained once speaks for that network: another may rank otherwise.",
        "Simulated images tell of no real ones until those look like them.",
        "The best of 4 methods was chosen by these same images; the intervals (95%) and ties are "
        "corrected for that.",
    ]
    two = sureness_sentences(chosen(seeds=("0", "1")))
    assert "and 2 networks of each method" in two[0]
    assert two[1].startswith("Two networks of a method tell little")


def test_filters_alone_are_chosen_among():
    choice = chosen({name: LEVELS[name] for name in ("noisy", "tv", "nlm")})
    assert verdict(choice) == "Use TV."
    assert [text.partition(" (")[0] for text in lead_sentences(choice)] == [
        f"TV is {choice.next_lead.value:.2f} dB ahead of the runner-up, NLM"
    ]
    assert "network" not in sureness_sentences(choice)[0]


def test_two_filters_ahead_of_networks_of_one_seed_are_compared_over_images():
    choice = chosen({**LEVELS, "tv": 34.0, "nlm": 33.5})
    assert (choice.best, choice.next_lead.over) == ("tv", "nlm")
    differences = 0.5 + SPREAD["tv"] - SPREAD["nlm"]
    low, _ = stats.t.interval(1 - 0.05 / 4, 11, differences.mean(), stats.sem(differences))
    assert choice.next_lead.low == pytest.approx(low)
