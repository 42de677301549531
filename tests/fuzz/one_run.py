"""One target under atheris: ``python -m tests.fuzz.one_run TARGET FOLDER [libFuzzer's options]``.

Inputs that lead somewhere new are kept in ``FOLDER/corpus``, what shows a fault in ``FOLDER/crash-*`` and the like.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from hashlib import sha256
from importlib import import_module
from io import StringIO
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from typing import Any
from zlib import crc32

from tests.fuzz.limits import limited
from tests.fuzz.target import FINDINGS, WORDS, Target, load

#: How often a target's own way to change bytes is used, where it has one.
_KNOWING = 0.6
#: How many words of what happened are told apart.
_WORDS = 1024


def main() -> None:
    name, folder, *options = sys.argv[1:]
    atheris: Any = import_module("atheris")
    with redirect_stderr(StringIO()), atheris.instrument_imports(include=["detector"]):
        _import_all()
        target = load(name)
    home = Path(folder)
    seeds = _seeds(target, name, home)
    arguments = [sys.argv[0], f"-artifact_prefix={home}/", f"-max_len={target.longest}", *options]
    words = WORDS / f"{name}.txt"
    if words.exists():
        arguments.append(f"-dict={words}")

    places = [atheris.instrument_func(place) for place in _places()]

    def check(data: bytes) -> None:
        with limited():
            happened = target.check(data)
        for word in happened or ():
            places[crc32(word.encode("utf-8", "replace")) % _WORDS]()

    changing = {} if target.change is None else {"custom_mutator": _mutator(atheris, target)}
    atheris.Setup([*arguments, f"-seed_inputs=@{seeds}", str(home / "corpus")], check, **changing)
    atheris.Fuzz()


def _places() -> list[Callable[[], int]]:
    """Functions for nothing but to be reached, each by one word."""
    made: list[Callable[[], int]] = eval(f"[{','.join(f'lambda: {number}' for number in range(_WORDS))}]")
    return made


def _import_all() -> None:
    """Everything that can be imported, so that what is imported late is watched too."""
    package = import_module("detector")
    for module in walk_packages(package.__path__, "detector."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def _seeds(target: Target, name: str, home: Path) -> Path:
    """What to begin with: the target's seeds and what once showed a fault, each in a file, listed in the one returned. (Of a
    folder they would be read in the order in which the disk has them, and two runs would not do the same.)
    """
    (home / "corpus").mkdir(parents=True, exist_ok=True)
    folder = home / "seeds"
    folder.mkdir(exist_ok=True)
    for data in (*target.seeds(), *(path.read_bytes() for path in sorted((FINDINGS / name).glob("*")))):
        if len(data) <= target.longest:
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
    listed = home / "seeds.list"
    listed.write_text(",".join(sorted(map(str, folder.iterdir()))))
    return listed


def _mutator(atheris: Any, target: Target) -> Any:
    change = target.change
    assert change is not None

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() > _KNOWING:
            return bytes(atheris.Mutate(data, most))
        return change(bytes(data), chance, atheris.Mutate, most)[:most]

    return mutate


if __name__ == "__main__":
    main()
