"""What a report must never be written over: the evidence, and the files it is judged by."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from detector.cli.output import Wanted
from detector.errors import UsageError

if TYPE_CHECKING:
    from detector.intake import Source


def spare(want: Wanted, sources: Sequence[Source], settings: Iterable[Path]) -> None:
    """Raise ``UsageError`` where ``-o`` names a log to be read, or a file given with another option.

    An earlier report that lies in a scanned folder may be replaced, as anything there that is plainly no log.
    """
    from detector.intake import holds_log  # noqa: PLC0415 - not needed by --help

    taken = {identity: path for path in settings if (identity := _identity(path))}
    for path, _ in want.files:
        identity = _identity(path)
        if identity is None:
            continue
        if identity in taken:
            raise UsageError(f"-o {path}: the report would take the place of {taken[identity]}; choose another name")
        if any(identity == _identity(source.place) and holds_log(source) for source in sources):
            raise UsageError(
                f"-o {path}: this is a log to be read, the report would take its place; choose another name"
            )


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Device and inode of a file that is there."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if os.path.isfile(path) else None
