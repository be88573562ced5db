"""Windows of a movie: the frames around each frame, which a network sees as channels."""

from collections.abc import Mapping, Sequence
from typing import Any

from denoisekit.errors import InputError


def around(frames: Sequence[Any], *, window: int, name: str) -> list[list[Any]]:
    """Return the window of each frame of a movie: itself in the middle, in order of time.

    In place of a frame beyond an end stands the one as far away on the other side, so that no frame
    is beside itself.

    Parameters
    ----------
    frames
        Of one place, in order of time.
    window
        Number of frames in a window, odd.
    name
        What to call the movie in an error.

    Raises
    ------
    InputError
        If the movie has fewer frames than a window.
    """
    count, half = len(frames), window // 2
    if count < window:
        raise InputError(
            f"{name} has {count} frame{'s' * (count != 1)}, but the network looks at {window} at a "
            "time ('frames'); give a longer movie, or train a network with fewer."
        )
    offsets = range(-half, half + 1)
    return [[frames[t + k if 0 <= t + k < count else t - k] for k in offsets] for t in range(count)]


def complete(frames: Sequence[Any], *, window: int) -> list[Any]:
    """Return the frames of a movie whose window does not reach beyond its ends."""
    half = window // 2
    return list(frames[half : len(frames) - half])


def length(method: Mapping[str, Any]) -> int:
    """Return how many frames a method's network looks at to restore one, as its settings say."""
    return int(method.get("frames", 1))


def seen(method: Mapping[str, Any]) -> list[int]:
    """Return which frames of a window a network sees, by number.

    All of them, but for the objective ``neighbours`` the middle one, which it is to become.
    """
    window = length(method)
    left_out = window // 2 if method.get("objective") == "neighbours" else None
    return [number for number in range(window) if number != left_out]
