"""Files of the cache: only what was put in comes out, and nothing that goes wrong with one stops anybody."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.rules import cache as cache_module
from detector.rules.cache import Cache

KEY, DATA = b"key", bytes(range(256)) * 5


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def kept(cache: Cache) -> Path:
    """The one file of a cache with an entry under ``KEY``."""
    cache.put("x", KEY, DATA)
    assert cache.folder is not None
    (file,) = cache.folder.iterdir()
    return file


def test_a_blob_is_made_once(cache: Cache) -> None:
    """ "cache.blob(name, key, make: Callable[[], bytes]) -> bytes"."""
    made: list[bytes] = []

    def make() -> bytes:
        made.append(DATA)
        return DATA

    assert [cache.blob("x", KEY, make) for _ in range(3)] == [DATA] * 3
    assert len(made) == 1
    assert cache.blob("y", KEY, lambda: b"of another kind") == b"of another kind"
    assert cache.blob("x", b"", lambda: b"of another key") == b"of another key"
    assert cache.blob("empty", KEY, lambda: b"") == cache.blob("empty", KEY, make) == b""


def test_what_making_raises_is_raised(cache: Cache) -> None:
    def fail() -> bytes:
        raise KeyError("made in vain")

    with pytest.raises(KeyError, match="made in vain"):
        cache.blob("x", KEY, fail)
    assert cache.blob("x", KEY, lambda: DATA) == DATA


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def a_link(file: Path) -> None:
    file.rename(file.with_name("real"))
    file.symlink_to("real")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def changed(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(change(file.read_bytes()))


SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": changed(lambda data: b""),
    "cut off": changed(lambda data: data[:-1]),
    "cut off in the header": changed(lambda data: data[:30]),
    "longer": changed(lambda data: data + b"\0"),
    "damaged": changed(lambda data: data[:-9] + b"!" + data[-8:]),
    "of zeros": changed(lambda data: bytes(len(data))),
    "of another version": changed(lambda data: data.replace(b" 1\n", b" 2\n", 1)),
    "too large": lambda file: os.truncate(file, cache_module.LARGEST + 1),
    "writable by all": lambda file: file.chmod(0o602),
    "a pipe": a_pipe,
    "a link": a_link,
    "a folder": a_folder,
    "gone": lambda file: file.unlink(),
}


@pytest.mark.skipif(os.name != "posix", reason="pipes, links and modes of POSIX systems")
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_file_that_is_not_as_it_was_written_is_made_anew(cache: Cache, spoil: Callable[[Path], object]) -> None:
    """ "corrupt, truncated, foreign, hostile or unreadable cache files are ignored and rebuilt"."""
    file = kept(cache)
    spoil(file)
    assert cache.get("x", KEY) is None
    assert cache.blob("x", KEY, lambda: b"anew") == b"anew"
    assert cache.get("x", KEY) == (None if file.is_dir() else b"anew")


def test_a_file_under_another_name_is_not_that_entry(cache: Cache) -> None:
    file = kept(cache)
    cache.put("x", b"other", b"other")
    (other,) = set(file.parent.iterdir()) - {file}
    file.replace(other)
    assert cache.get("x", b"other") is None


@pytest.mark.skipif(os.name != "posix", reason="owners are those of POSIX systems")
def test_a_file_of_somebody_else_is_not_read(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(cache)
    monkeypatch.setattr(cache_module, "ours", lambda status: False)
    assert cache.get("x", KEY) is None


def test_what_is_too_large_is_not_kept(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "a size limit"; what is just within it comes back whole."""
    whole = kept(cache).stat().st_size
    monkeypatch.setattr(cache_module, "LARGEST", whole)
    assert cache.get("x", KEY) == DATA
    cache.put("x", b"other", DATA + b"!")
    assert cache.get("x", b"other") is None
    cache.put("x", b"other", DATA)
    assert cache.get("x", b"other") == DATA


def refusing(error: int, after: int = 0) -> Callable[..., Any]:
    """A system call that fails, on the call after so many."""
    calls = iter(range(10**6))

    def call(*arguments: object, **keywords: object) -> Any:
        if next(calls) >= after:
            raise OSError(error, os.strerror(error))
        return after

    return call


REFUSED = {
    "a folder that cannot be written": (tempfile, "mkstemp", errno.EACCES),
    "a read-only file system": (tempfile, "mkstemp", errno.EROFS),
    "a file that is in use": (os, "replace", errno.EACCES),
    "a folder that cannot be listed": (os, "scandir", errno.EACCES),
    "a folder that cannot be looked at": (os, "lstat", errno.EACCES),
}


@pytest.mark.parametrize(("module", "call", "error"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_not(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, module: Any, call: str, error: int
) -> None:
    """ "full disk harmless, read-only home harmless"."""
    file = kept(cache)
    with monkeypatch.context() as patch:
        patch.setattr(module, call, refusing(error))
        assert cache.blob("x", b"other", lambda: b"made") == b"made"
    left = [path.suffix for path in file.parent.iterdir()]
    assert set(left) == {".cache"}
    assert cache.get("x", KEY) == DATA


def test_a_disk_that_fills_up_leaves_no_half_file(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    file = kept(cache)

    class Full:
        """What ``open`` gives on a disk with ten bytes left."""

        def __init__(self, handle: int, *_: object, **__: object) -> None:
            self.handle = handle

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            os.close(self.handle)

        def write(self, data: memoryview) -> int:
            if os.fstat(self.handle).st_size >= 10:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return os.write(self.handle, data[:10])

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "open", Full, raising=False)
        cache.put("x", b"other", DATA)
    assert list(file.parent.iterdir()) == [file]


def test_ctrl_c_while_writing_leaves_no_half_file(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    file = kept(cache)
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cache.put("x", b"other", DATA)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("place", ["a file", "a file/below", "long" * 500], ids=["file", "below a file", "too long"])
def test_a_place_where_no_folder_can_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    cache = Cache(tmp_path / place)
    assert cache.blob("x", KEY, lambda: DATA) == DATA
    assert cache.get("x", KEY) is None


def test_many_at_once_do_not_disturb_each_other(cache: Cache) -> None:
    """ "concurrency-safe": whoever reads while others write sees all of it or nothing."""
    contents = {b"%d" % number: DATA * (1 + number * 50) for number in range(4)}

    def work(number: int) -> list[bytes | None]:
        key = b"%d" % (number % 4)
        seen = []
        for _ in range(20):
            cache.put("x", key, contents[key])
            seen.append(cache.get("x", key))
        return seen

    with ThreadPoolExecutor(8) as pool:
        for number, seen in enumerate(pool.map(work, range(8))):
            assert set(seen) == {contents[b"%d" % (number % 4)]}
    assert cache.folder is not None
    assert len(list(cache.folder.iterdir())) == 4


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_are_no_entry(cache: Cache, data: bytes, after_header: bool) -> None:
    file = kept(cache)
    file.write_bytes(file.read_bytes()[:54] + data if after_header else data)
    assert cache.get("x", KEY) is None
