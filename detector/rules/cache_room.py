"""The cache's folder stays small. Only files that bear a name of ours are ever removed from it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from time import time

#: How many files, and bytes in all, the folder may hold.
MOST_FILES = 64
MOST_BYTES = 256 * 2**20

_ENTRY = re.compile(r"[a-z]+-[0-9a-f]{64}\.cache")
#: What names of files begin with that are still being written.
SCRATCH = ".rmm-detector-"
#: Seconds after which nobody is writing a file any more.
_ABANDONED = 60 * 60


def make_room(folder: Path, newest: str) -> None:
    """Remove what has not been used for longest, beyond what may be there, but not ``newest``; and what broken runs left."""
    entries: list[tuple[bool, float, int, str]] = []
    with os.scandir(folder) as listing:
        for entry in listing:
            with suppress(OSError):  # another run removed it
                status = entry.stat(follow_symlinks=False)
                if _ENTRY.fullmatch(entry.name):
                    entries.append((entry.name != newest, -status.st_mtime, status.st_size, entry.path))
                elif entry.name.startswith(SCRATCH) and time() - status.st_mtime > _ABANDONED:
                    os.unlink(entry.path)
    total = 0
    for count, (_, _, size, path) in enumerate(sorted(entries)):
        total += size
        if count >= MOST_FILES or total > MOST_BYTES:
            with suppress(OSError):
                os.unlink(path)
