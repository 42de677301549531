"""How long one input may take: seconds of this process's own work, so that a busy machine makes no difference."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: A rule may take half a second on a record, five times over; code is several times slower while it is watched.
SECONDS = 30.0


class TooSlowError(BaseException):
    """One input takes longer than any may; no ``except Exception`` holds it up."""


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Raise :class:`TooSlowError` when what is inside takes longer. Where the system has no such clock, nothing happens."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlowError("too much work on one input")
