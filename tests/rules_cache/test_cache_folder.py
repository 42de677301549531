"""Where the cache is, whose it must be, and how large it may become."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.rules import cache_room
from detector.rules.cache import Cache
from detector.rules.cache_folder import cache_folder

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("places.yml").read_text(encoding="utf-8"))
KEY, DATA = b"key", b"data"

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX systems")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_where_it_is(case: dict[str, Any]) -> None:
    expected = Path(case["is"]) if "is" in case else None
    assert cache_folder(case["environment"], case["platform"]) == expected


def test_a_folder_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_folder({"RMM_DETECTOR_CACHE": "here"}) == tmp_path / "here"


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = Cache()
    cache.put("x", KEY, DATA)
    assert cache.get("x", KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_before_there_is_something_to_keep(tmp_path: Path) -> None:
    assert Cache(tmp_path / "cache").get("x", KEY) is None
    assert list(tmp_path.iterdir()) == []


@posix
def test_it_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """ "private folder (0700, owned by us"; what XDG asks of the folders it makes as well."""
    before = os.umask(0)
    try:
        Cache(tmp_path / "new" / "cache").put("x", KEY, DATA)
    finally:
        os.umask(before)
    (file,) = (tmp_path / "new" / "cache").iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new", tmp_path / "new" / "cache", file)]
    assert modes == [0o700, 0o700, 0o600]


def a_link(folder: Path) -> None:
    folder.rename(folder.with_name("real"))
    folder.symlink_to(folder.with_name("real"))


def a_link_to_nowhere(folder: Path) -> None:
    a_link(folder)
    folder.with_name("real").rename(folder.with_name("gone"))


def a_file(folder: Path) -> None:
    folder.rename(folder.with_name("real"))
    folder.write_bytes(b"")


BAD_FOLDERS: dict[str, Callable[[Path], None]] = {
    "a link": a_link,
    "a link to nowhere": a_link_to_nowhere,
    "a file": a_file,
    "writable by all": lambda folder: folder.chmod(0o707),
    "writable by the group": lambda folder: folder.chmod(0o770),
    "writable by all, with the sticky bit": lambda folder: folder.chmod(0o1777),
}


@posix
@pytest.mark.parametrize("spoil", BAD_FOLDERS.values(), ids=BAD_FOLDERS)
def test_a_folder_that_is_not_private_is_not_used(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """ "otherwise not used and the run just goes on without"."""
    cache = Cache(tmp_path / "cache")
    cache.put("x", KEY, DATA)
    spoil(tmp_path / "cache")
    before = sorted(tmp_path.rglob("*"))
    assert cache.get("x", KEY) is None
    assert cache.blob("x", b"other", lambda: b"made") == b"made"
    assert sorted(tmp_path.rglob("*")) == before


@posix
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("x", KEY, DATA)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cache.get("x", KEY) is None
    cache.put("x", b"other", DATA)
    assert len(list((tmp_path / "cache").iterdir())) == 1


@posix
def test_a_folder_that_others_may_only_read_is_used(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o755)
    cache = Cache(tmp_path / "cache")
    cache.put("x", KEY, DATA)
    assert cache.get("x", KEY) == DATA


def fill(cache: Cache, count: int, size: int = 1) -> list[Path]:
    """So many files, the first one used longest ago."""
    assert cache.folder is not None
    files = []
    for number in range(count):
        before = set(cache.folder.iterdir()) if cache.folder.exists() else set()
        cache.put("x", b"%d" % number, bytes(size))
        (new,) = set(cache.folder.iterdir()) - before
        os.utime(new, (time.time(), time.time() - 1000 + number))
        files.append(new)
    return files


def test_what_was_not_used_for_longest_goes_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "bounded size of the folder (old entries removed)"."""
    monkeypatch.setattr(cache_room, "MOST_FILES", 3)
    cache = Cache(tmp_path / "cache")
    first, second, third = fill(cache, 3)
    os.utime(first, (0, time.time() - 2 * 24 * 60 * 60))
    assert cache.get("x", b"0") is not None  # it is still of use, and noted to be
    cache.put("x", b"new", DATA)
    assert (first.exists(), second.exists(), third.exists()) == (True, False, True)
    assert cache.get("x", b"new") == DATA


def test_what_was_not_used_for_longest_goes_when_they_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_room, "MOST_BYTES", 3500)
    cache = Cache(tmp_path / "cache")
    files = fill(cache, 3, size=1000)
    cache.put("x", b"new", bytes(1000))
    assert [file.exists() for file in files] == [False, True, True]


def test_files_of_the_future_do_not_crowd_out_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that was wrong once must not end the use of the cache."""
    monkeypatch.setattr(cache_room, "MOST_FILES", 2)
    cache = Cache(tmp_path / "cache")
    for file in fill(cache, 2):
        os.utime(file, (0, time.time() + 10**8))
    cache.put("x", b"new", DATA)
    assert cache.get("x", b"new") == DATA


def test_files_that_are_not_its_own_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "files that are not the cache's own are left alone": somebody may name a folder that holds more."""
    monkeypatch.setattr(cache_room, "MOST_FILES", 1)
    names = ["thesis.txt", "rules-1.cache", ".hidden.tmp", "rmm-detector-a.tmp", f"x-{'a' * 64}.cache.bak"]
    (tmp_path / "cache").mkdir(mode=0o700)
    for name in names:
        (tmp_path / "cache" / name).write_bytes(b"")
        os.utime(tmp_path / "cache" / name, (0, 0))
    fill(Cache(tmp_path / "cache"), 3)
    assert {path.name for path in (tmp_path / "cache").iterdir()} >= set(names)


def test_what_a_run_that_died_left_behind_goes(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    old, young = tmp_path / "cache" / ".rmm-detector-abcd_123.tmp", tmp_path / "cache" / ".rmm-detector-abcd_124.tmp"
    old.write_bytes(b"")
    young.write_bytes(b"")
    os.utime(old, (0, time.time() - 2 * 60 * 60))
    Cache(tmp_path / "cache").put("x", KEY, DATA)
    assert (old.exists(), young.exists()) == (False, True)
