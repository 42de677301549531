"""Paths to sources: "Files, folders, and - for standard input" (issue, intake), each real file once, in one order."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

import pytest

from detector.errors import InputError
from detector.intake import Reading, Source, discover
from detector.model.loss import Loss, LossKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.json", "a.evtx", "deep/er/c.json", "deep/.hidden"):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "logs"


def names(found: list[Source | Loss], folder: Path) -> list[str]:
    return [os.path.relpath(one.path if isinstance(one, Source) else one.where, folder) for one in found]


def test_a_folder_to_its_ends(folder: Path) -> None:
    found = discover([str(folder)])
    assert names(found, folder) == ["a.evtx", "b.json", "deep/.hidden", "deep/er/c.json"]
    assert all(isinstance(one, Source) and not one.named and one.size > 0 for one in found)


def test_the_order_of_naming_does_not_matter(folder: Path) -> None:
    """ "The same input gives the same bytes of report.json whatever the order of files" (issue, done when 4)."""
    paths = [str(folder / "b.json"), str(folder), str(folder / "deep"), "-"]
    expected = discover(paths)
    assert all(discover(order) == expected for order in itertools.permutations(paths))
    assert [one for one in expected if isinstance(one, Source) and one.named] == [
        Source("-", 0),
        Source(str(folder / "b.json"), 6),
    ]


def test_each_real_file_once(folder: Path) -> None:
    os.link(folder / "a.evtx", folder / "z.evtx")
    (folder / "link.json").symlink_to(folder / "b.json")
    (folder / "round").symlink_to(folder)
    assert names(discover([str(folder), str(folder / "a.evtx"), str(folder / "b.json")]), folder) == [
        "a.evtx", "b.json", "deep/.hidden", "deep/er/c.json",
    ]  # fmt: skip


def test_what_cannot_be_looked_at_is_a_loss(folder: Path) -> None:
    (folder / "broken").symlink_to(folder / "nowhere")
    (folder / "self").symlink_to(folder / "self")
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket"))
        found = discover([str(folder)])
    lost = [one for one in found if isinstance(one, Loss)]
    assert [Path(one.where).name for one in lost] == ["broken", "pipe", "self", "socket"]
    assert {one.kind for one in lost} == {LossKind.UNREADABLE}
    assert "standard input" in lost[1].why


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; the next test holds it then")
def test_a_folder_without_permission(folder: Path) -> None:
    (folder / "deep").chmod(0)
    found = discover([str(folder)])
    (folder / "deep").chmod(0o755)
    assert [(type(one), one.kind) for one in found if isinstance(one, Loss)] == [(Loss, LossKind.UNREADABLE)]


def test_a_folder_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = os.listdir

    def refusing(path: str) -> list[str]:
        if path.endswith("deep"):
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "listdir", refusing)
    assert Loss(LossKind.UNREADABLE, str(folder / "deep"), "could not be read: permission denied") in discover(
        [str(folder)]
    )


@pytest.mark.parametrize("path", ["nowhere", "logs/b.json/c", "with\0zero"])
def test_a_named_path_that_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(folder.parent)
    with pytest.raises(InputError, match="there is no"):
        discover(["logs", path])


def test_a_named_broken_link_is_a_loss(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (found,) = discover([str(tmp_path / "link")])
    assert isinstance(found, Loss)
    assert found.kind is LossKind.UNREADABLE


def test_a_device_is_a_loss() -> None:
    (found,) = discover(["/dev/zero"])
    assert isinstance(found, Loss)
    assert found.kind is LossKind.UNREADABLE


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    """ "Non-UTF-8 path names must not crash": shown escaped, opened as they are, and what is shown can be encoded."""
    place = os.fsencode(tmp_path) + b"/caf\xe9.json"
    with open(place, "wb") as file:
        file.write(b'{"winlog": {}}\n')
    (found,) = discover([str(tmp_path)])
    assert isinstance(found, Source)
    assert found.path.encode().endswith(rb"/caf\xe9.json")
    (record,) = Reading(found)
    assert not isinstance(record, Loss)
    assert record.source == found.path
