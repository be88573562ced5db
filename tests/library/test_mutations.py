"""Damaged files of every kind that is read end in their content or in one sentence."""

from collections import Counter

from mutations import allowed, run

MUTATIONS = 2000


def test_a_damaged_file_is_read_or_told_in_one_sentence():
    outcomes = list(run(MUTATIONS, seed=11))
    wrong = {what: story for what, came, story in outcomes if not allowed(came)}
    assert not wrong, next(iter(wrong.items()))
    counts = Counter(came for _, came, _ in outcomes)
    # Most damage is found; that none was would mean that nothing was damaged.
    assert counts["sentence"] > MUTATIONS / 2
    assert counts["read"] > 0
