"""The SHA-256 of a file that is read in parts."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from detector.app.harvest import Gathered, digested
from detector.app.units import Unit

_BLOCK = 1 << 20


def digest_of(unit: Unit, stopped: Callable[[], bool]) -> Gathered:
    """The digest of the whole file, as far as its size was when it was found; none when it cannot be read or on a stop.

    What is wrong with the file, reading its parts says.
    """
    digest, left = sha256(), unit.source.size
    try:
        with open(unit.source.place, "rb", buffering=0) as file:
            while left and not stopped() and (block := file.read(min(_BLOCK, left))):
                digest.update(block)
                left -= len(block)
    except OSError:
        return digested(unit, "")
    return digested(unit, "" if left else digest.hexdigest())
