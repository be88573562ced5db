import threading

import pytest

from denoisekit.streaming import in_order


def test_results_come_in_the_items_order_whoever_is_first():
    later = threading.Event()

    def work(item):
        if item == 0:
            assert later.wait(timeout=30)
        if item == 1:
            later.set()
        return 10 * item

    assert list(in_order(work, range(5), threads=2)) == [0, 10, 20, 30, 40]


def test_only_a_few_items_are_taken_before_their_turn():
    taken = []

    def items():
        for item in range(100):
            taken.append(item)
            yield item

    results = in_order(lambda item: item, items(), threads=3)
    for number in range(10):
        assert next(results) == number
        assert len(taken) <= number + 4
    results.close()
    assert len(taken) <= 14


def test_the_first_error_ends_the_work():
    done = []

    def work(item):
        if item == 2:
            raise ValueError("image 2 is damaged")
        done.append(item)
        return item

    with pytest.raises(ValueError, match="image 2 is damaged"):
        list(in_order(work, range(1000), threads=2))
    assert len(done) < 10
