"""Rule files found and read: their bytes, or what kept them from being read. Nothing here knows Sigma."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.errors import InputError
from detector.model.loss import Loss, LossKind

_SUFFIXES = frozenset({".yml", ".yaml"})
_PACK = "sigma_rules"
#: The largest public rule has 350 KB. Whatever is in a file of this size, a computer has the memory for it.
_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file. ``path`` is how messages name it."""

    path: str
    data: bytes


def builtin_rules() -> Path:
    """The folder of the built-in pack: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / _PACK
    return installed if installed.is_dir() else package.parent / _PACK


def read_files(paths: Sequence[Path]) -> list[RuleFile | Loss]:
    """Every rule file (``.yml``, ``.yaml``) of these files and folders, all folders below them too but hidden ones (``.git``).

    Each once, in the order of the paths and sorted inside a folder; a :class:`Loss` (kind ``RULE``) for what cannot be
    listed or read. Raises :class:`InputError` when a path is not there.
    """
    return [file if isinstance(file, Loss) else _read(file) for file in _once(paths)]


def _once(paths: Iterable[Path]) -> Iterator[str | Loss]:
    seen: set[str] = set()
    for path in paths:
        if not path.exists():
            raise InputError(f"no such file or folder: {path}")
        for file, real in _inside(path) if path.is_dir() else [(str(path), os.path.realpath(path))]:
            if isinstance(file, Loss):
                yield file
            elif real not in seen:
                seen.add(real)
                yield file


def _inside(folder: Path) -> list[tuple[str | Loss, str]]:
    """Files with their real path: of a file that is no link, the real path of its folder is enough to know it."""
    unlisted: list[Loss] = []
    found: list[tuple[list[str], str, str]] = []
    walk = os.walk(folder, onerror=lambda error: unlisted.append(_unread(error.filename, error)))
    for parent, folders, names in walk:
        folders[:] = [name for name in folders if not name.startswith(".")]
        named, real = str(Path(parent, "_"))[:-1], os.path.realpath(parent)
        for name in names:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in _SUFFIXES:
                file, place = named + name, os.path.join(real, name)
                found.append((file.split(os.sep), file, os.path.realpath(place) if os.path.islink(place) else place))
    return [*((file, place) for _, file, place in sorted(found)), *((loss, "") for loss in unlisted)]


def _read(path: str) -> RuleFile | Loss:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for without end
            return Loss(LossKind.RULE, path, "not a regular file")
        if status.st_size > _LARGEST:
            return _too_large(path)
        with open(path, "rb", buffering=0) as file:
            return RuleFile(path, file.read())
    except OSError as error:
        return _unread(path, error)


def _too_large(path: str) -> Loss:
    return Loss(LossKind.LIMIT, path, f"larger than {_LARGEST:,} bytes: no file of rules is")


def _unread(path: str, error: OSError) -> Loss:
    return Loss(LossKind.RULE, str(path), f"cannot be read: {error.strerror or error}")
