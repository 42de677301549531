"""Paths to sources: folders gone through, every real file once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from detector.errors import InputError
from detector.intake.source import STANDARD_INPUT, Source, shown
from detector.model.loss import Loss, LossKind

_KINDS = (
    (stat.S_ISFIFO, "a pipe: it can be read once only; give its content on standard input and name it as -"),
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)


def discover(paths: Sequence[str]) -> list[Source | Loss]:
    """Everything to read under ``paths``, sorted by path, whatever the order they were named in.

    Folders are gone through to their ends, hidden files too, links followed; a file or folder that is reached twice (named
    twice, linked) is taken once, under the first of its paths. What cannot be looked at (no permission, a broken link, a
    link to itself, a pipe, a device) is ``Loss(UNREADABLE)``. ``-`` is standard input.

    Raises ``InputError`` when a named path does not exist.
    """
    missing = [path for path in paths if path != STANDARD_INPUT and not _exists(path)]
    if missing:
        raise InputError("; ".join(f"there is no {shown(path)}" for path in missing))
    walk = _Walk()
    by_name = sorted(set(paths), key=lambda path: (os.path.isdir(path), path))  # a file somebody named is no find
    found = [one for path in by_name for one in walk.named(path)]
    return sorted(found, key=lambda one: one.path if isinstance(one, Source) else one.where)


def _exists(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True  # it may be there: the walk says why it cannot be looked at
    return True


class _Walk:
    """Remembers what was reached, by device and inode."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def named(self, path: str) -> Iterator[Source | Loss]:
        if path == STANDARD_INPUT:
            yield Source(STANDARD_INPUT, 0)
            return
        stack = [path]
        while stack:
            place = stack.pop()
            try:
                status = os.stat(place)
                if not self._is_new(status):
                    continue
                if stat.S_ISDIR(status.st_mode):
                    stack.extend(os.path.join(place, name) for name in sorted(os.listdir(place), reverse=True))
                else:
                    yield _file(place, status, named=place == path)
            except OSError as error:
                yield Loss(LossKind.UNREADABLE, shown(place), reason(error))

    def _is_new(self, status: os.stat_result) -> bool:
        identity = (status.st_dev, status.st_ino)
        known = identity in self._seen
        self._seen.add(identity)
        return not known or status.st_ino == 0  # a file system without inodes


def _file(place: str, status: os.stat_result, *, named: bool) -> Source | Loss:
    for is_kind, why in _KINDS:
        if is_kind(status.st_mode):
            return Loss(LossKind.UNREADABLE, shown(place), why)
    path = shown(place)
    return Source(path, status.st_size, named, "" if path == place else place)


def reason(error: OSError) -> str:
    """Why a file could not be read, in plain words."""
    return f"could not be read: {(error.strerror or type(error).__name__).lower()}"
