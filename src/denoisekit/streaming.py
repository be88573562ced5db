"""Work on many images in threads while few of them are in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], *, threads: int
) -> Iterator[Result]:
    """Yield what some work makes of each item, in the items' order.

    Threads work ahead of who takes the results, by one item each and no more. Items are taken in
    the caller's thread, so that one call can feed another: reading ahead of it and writing behind.

    Parameters
    ----------
    work
        Is called in several threads at once. Its first error ends the iteration.
    items
        Taken one by one.
    threads
        How many items are worked on at a time, at least 1.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
