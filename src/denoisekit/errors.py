"""Errors that are a user's to mend, each told in one sentence."""

import errno
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or ask for a larger quota",
    errno.EACCES: "change its permissions",
    errno.EPERM: "change its permissions",
    errno.EFBIG: "write to a disk, or under a limit, that takes files of that size",
    errno.EROFS: "run in a folder that can be written to",
    errno.ELOOP: "make the link lead to a file",
    errno.ENAMETOOLONG: "give it a shorter name",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "let more files be open at once (ulimit -n)"),
    **dict.fromkeys(
        (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN, errno.ENXIO),
        "see whether the disk or the network drive that it lies on is there and sound",
    ),
}
#: What to do where memory is short.
LESS_MEMORY = (
    "restore smaller parts ('--tile', or 'tile' of a study's 'prediction'), train on smaller "
    "batches or run fewer jobs at once ('--cores')"
)
# torch raises a RuntimeError of that, for a processor and for a GPU.
_NO_MEMORY = re.compile(r"not enough memory|can't allocate memory|out of memory", re.IGNORECASE)
# NumPy tells of a disk that is full, or a file that may not grow, without their number.
_CUT_SHORT = re.compile(r"\d+ requested and \d+ written")


class InputError(ValueError):
    """A user's mistake, told in one sentence: what, where, what was found, what to do.

    Characters that steer a terminal, as names in a stranger's file may hold, are replaced.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


def printable(text: str) -> str:
    """Return a text with every control and format character replaced."""
    return "".join("\ufffd" if unicodedata.category(one)[0] == "C" else one for one in text)


def first_line(error: Exception) -> str:
    """Return the first line of what an error says, or what it is called if it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def told_of(name: str) -> Iterator[None]:
    """Begin a user's mistake with the name of the image that it is about."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def remedy(error: Exception) -> str | None:
    """Say what to do where a system, not a file's content, is why it cannot be read or written."""
    return _REMEDIES.get(error.errno or 0) if isinstance(error, OSError) else None


def system_sentence(error: Exception, *, output: str) -> str | None:
    """Say that a system refuses a file or memory, and what to do; None for any other error.

    `output` names what was being made, for an error that does not tell its file.
    """
    if _is_of_memory(error):
        return (
            f"There is not enough memory for {output} ({first_line(error)}); {LESS_MEMORY}, and "
            "run the same command again: all that is finished is kept."
        )
    if not isinstance(error, OSError):
        return None
    number, reason = error.errno, error.strerror
    if number is None and _CUT_SHORT.fullmatch(str(error)):
        number, reason = errno.ENOSPC, str(error)
    if number not in _REMEDIES:
        return None
    return (
        f"{error.filename or output} cannot be written or read ({reason}); "
        f"{_REMEDIES[number]} and run the same command again: all that is finished is kept."
    )


def _is_of_memory(error: Exception) -> bool:
    if isinstance(error, RuntimeError):
        return _NO_MEMORY.search(str(error)) is not None
    return isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
