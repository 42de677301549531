"""What was made once and need not be made again, by its content: rules read, databases compiled.

Nothing depends on it. Whatever is wrong with the folder or a file in it, what is asked for is made anew, and a file that
cannot be written is not. A file says whose content it is and carries a SHA-256 over both, so that a torn, damaged or renamed
one is as good as none; files of others, links and files that others may write to are not even read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import time

from detector.rules.cache_folder import VARIABLE, cache_folder, make_private, objection, ours
from detector.rules.cache_room import SCRATCH, make_room

__all__ = ["VARIABLE", "Cache", "objection", "user_cache"]

#: No file of more bytes is written or read.
LARGEST = 128 * 2**20

_MAGIC = b"rmm-detector cache 1\n"
_HEADER = len(_MAGIC) + sha256().digest_size
#: A pipe in the folder must not be waited for, nor a link followed.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
#: Seconds between two notes that a file is still in use.
_DAY = 24 * 60 * 60


class Cache:
    """Bytes by name and key, in a folder of our own; without a folder it keeps nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def blob(self, name: str, key: bytes, make: Callable[[], bytes]) -> bytes:
        """What ``make`` gave when it was last called for this key, or gives now.

        ``name`` says what kind of thing it is, a word of ``a-z``. ``key`` must hold all that the bytes depend on (or a
        digest of it), the version of the library that makes them and the kind of machine too, if they do. What ``make``
        raises is not caught. The bytes are those that were put in, but by whom only the folder's owner can say: read
        them as one reads a file.
        """
        kept = self.get(name, key)
        if kept is not None:
            return kept
        made = make()
        self.put(name, key, made)
        return made

    def get(self, name: str, key: bytes) -> bytes | None:
        """What was put in, if it is still there and whole."""
        if self.folder is None:
            return None
        try:
            return None if objection(self.folder) else _read(self.folder, _file(name, key))
        except OSError:
            return None

    def put(self, name: str, key: bytes, data: bytes) -> None:
        """Keep this, if that is possible. What has not been used for longest goes when there is no more room."""
        if self.folder is None or len(data) > LARGEST - _HEADER:
            return
        with suppress(OSError):
            if make_private(self.folder):
                _write(self.folder, _file(name, key), data)
                make_room(self.folder, _file(name, key))


def user_cache(environment: Mapping[str, str]) -> Cache:
    """The cache of the user with this environment."""
    return Cache(cache_folder(environment))


def _file(name: str, key: bytes) -> str:
    return f"{name}-{sha256(key).hexdigest()}.cache"


def _read(folder: Path, file: str) -> bytes | None:
    path = folder / file
    with open(os.open(path, _FLAGS), "rb", buffering=0) as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode) or not ours(status) or status.st_size > LARGEST:
            return None
        data = opened.read(LARGEST)
    payload = data[_HEADER:]
    if data[:_HEADER] != _header(file, payload):
        return None
    if time() - status.st_mtime > _DAY:
        with suppress(OSError):
            os.utime(path)
    return payload


def _write(folder: Path, file: str, data: bytes) -> None:
    """Beside its place, then renamed: two runs at once do no harm, and a reader sees all of it or nothing."""
    import tempfile  # noqa: PLC0415 - not needed by a run that finds everything

    handle, scratch = tempfile.mkstemp(prefix=SCRATCH, suffix=".tmp", dir=folder)  # only we may read it
    try:
        with open(handle, "wb", buffering=0) as out:
            for part in (_header(file, data), data):
                view = memoryview(part)
                while view:
                    view = view[out.write(view) :]
        os.replace(scratch, folder / file)
    except BaseException:  # Ctrl-C too
        with suppress(OSError):
            os.unlink(scratch)
        raise


def _header(file: str, payload: bytes) -> bytes:
    digest = sha256(file.encode())
    digest.update(payload)
    return _MAGIC + digest.digest()
