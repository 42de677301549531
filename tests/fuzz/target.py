"""What a fuzz target is: a property of any bytes, what to begin with, and how to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from random import Random

FINDINGS = Path(__file__).with_name("findings")
WORDS = Path(__file__).with_name("words")
_HOME = "tests.fuzz.targets"

#: The fuzzer's own way to change bytes, to at most so many.
Plain = Callable[[bytes, int], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """``check`` raises for bytes that show a fault. ``seeds`` are bytes that lead it far.

    What ``check`` returns are words for what happened where no place of our code tells it, in a native library: an input with
    a new word is kept as one that reaches a new place is.

    ``longest`` is in bytes. ``gate`` is how many inputs CI tries: about 20 seconds' worth.

    ``change`` knows the structure of the bytes: given some, a chance, the plain way to change bytes and the most there may
    be, it gives others. What readers look for stands in ``words/``, in a file of the target's name.
    """

    check: Callable[[bytes], Iterable[str] | None]
    seeds: Callable[[], Iterator[bytes]]
    longest: int = 4096
    gate: int = 20_000
    change: Callable[[bytes, Random, Plain, int], bytes] | None = None


def names() -> list[str]:
    """All targets: a module each in ``tests/fuzz/targets/``."""
    return sorted(found.name for found in iter_modules([str(Path(__file__).with_name("targets"))]))


def load(name: str) -> Target:
    """The target of that name."""
    target = import_module(f"{_HOME}.{name}").TARGET
    assert isinstance(target, Target)
    return target
