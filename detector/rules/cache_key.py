"""What a loaded rule set depends on: the files, and the code that reads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.machinery import PathFinder
from pathlib import Path

from detector import __version__
from detector.model.loss import Loss
from detector.rules.files import RuleFile
from detector.rules.serial import VERSION

#: Parts of the program that decide what a rule file means, the tool catalogue among them.
_READERS = ("model", "engine", "rules")
#: Libraries that do, by the package one imports and the name one installs.
_LIBRARIES = {"sigma": "pysigma", "yaml": "pyyaml", "re2": "google_re2", "regex": "regex", "pyparsing": "pyparsing"}


def rules_key(files: Sequence[RuleFile | Loss]) -> bytes:
    """A digest of these files, by the names messages use and by content, and of everything that reads them.

    What could not be read counts too: it is among the losses that are kept with the rules.
    """
    digest = sha256()
    for part in _parts(files):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


def _parts(files: Sequence[RuleFile | Loss]) -> Iterator[bytes]:
    python = ".".join(map(str, sys.version_info[:3]))
    for text in (__version__, str(VERSION), python, *_libraries()):
        yield text.encode()
    yield from _sources()
    for file in files:
        if isinstance(file, Loss):
            yield repr(file).encode()
        else:
            yield file.path.encode("utf-8", "surrogatepass")
            yield file.data


def _sources() -> Iterator[bytes]:
    """Our own source: a checkout changes without a change of version. (Packed into one file, there is none to read.)"""
    package = Path(__file__).resolve().parents[1]
    for reader in _READERS:
        for file in sorted((*package.joinpath(reader).glob("*.*"), *package.joinpath(reader, "tools").glob("*.yml"))):
            if file.suffix in (".py", ".yml"):
                yield file.name.encode()
                yield file.read_bytes()


def _libraries() -> Iterator[str]:
    """Name and version of each library, from the name of the folder beside it: ``importlib.metadata`` takes 30 ms."""
    for package, name in _LIBRARIES.items():
        found = PathFinder.find_spec(package)
        for place in found.submodule_search_locations or () if found is not None else ():
            beside = os.listdir(os.path.dirname(place))
            yield from sorted(
                entry for entry in beside if entry.lower().startswith(f"{name}-") and entry.endswith(".dist-info")
            )
