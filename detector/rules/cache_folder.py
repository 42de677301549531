"""Where the cache is, and whether it is a place that only we can write to."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

#: The user's own choice of a folder; set to nothing: no cache.
VARIABLE = "RMM_DETECTOR_CACHE"
_NAME = "rmm-detector"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """The folder that the user's environment asks for, or else the system's place for caches; ``None`` for no cache."""
    if VARIABLE in environment:
        return Path(environment[VARIABLE]).absolute() if environment[VARIABLE] else None
    places = [environment.get("XDG_CACHE_HOME", "")]
    if platform == "win32":
        places.append(environment.get("LOCALAPPDATA", ""))
    elif platform == "darwin":
        places.append(os.path.join(environment.get("HOME", ""), "Library", "Caches"))
    else:
        places.append(os.path.join(environment.get("HOME", ""), ".cache"))
    # "If an implementation encounters a relative path [...] it should consider the path invalid and ignore it."
    return next((Path(place, _NAME) for place in places if os.path.isabs(place)), None)


def make_private(folder: Path) -> bool:
    """Make the folder if it is not there; whether it is one of our own then. Raises ``OSError`` when it cannot be made."""
    if not os.path.lexists(folder):
        os.makedirs(folder.parent, mode=0o700, exist_ok=True)
        with suppress(FileExistsError):  # another run was quicker
            os.mkdir(folder, mode=0o700)
    return not objection(folder)


def objection(folder: Path) -> str:
    """What is wrong with a folder that is there, or nothing: whoever writes to it says what rules mean. Raises ``OSError``."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or _is_junction(status):
        return "it is a link, or no folder"
    return "" if ours(status) else "it belongs to somebody else, or others may write to it"


def ours(status: os.stat_result) -> bool:
    """Whether a file or folder is ours alone to write to. On Windows what lies in the user's profile is."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_MAY_WRITE


def _is_junction(status: os.stat_result) -> bool:
    return bool(getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_REPARSE_POINT)
