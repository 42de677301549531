"""Configuration texts as files, and a small catalogue, for the tests beside this file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from detector.config import load_inventory, load_policy
from detector.errors import ConfigError, Problem
from detector.model.asset import Inventory
from detector.model.policy import Policy
from detector.model.tool import Catalogue, Tool

CATALOGUE = Catalogue(
    {
        tool.id: tool
        for tool in (
            Tool("anydesk", "AnyDesk", "remote", aliases=("any-desk",)),
            Tool("screenconnect", "ScreenConnect", "remote", aliases=("connectwise-control", "Screen-Connect")),
            Tool("teamviewer", "TeamViewer", "remote"),
            Tool("plink", "Plink", "tunnel"),
            Tool("s5cmd", "s5cmd", "copy"),
            Tool("rclone", "rclone", "copy"),
        )
    }
)


@contextmanager
def file_of(content: str | bytes, name: str = "policy.yml") -> Iterator[Path]:
    """A file with these bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield path


def inventory_of(content: str | bytes) -> Inventory:
    """The inventory of a text."""
    with file_of(content, "assets.yml") as path:
        return load_inventory(path)


def policy_of(content: str | bytes, inventory: Inventory | None = None) -> Policy:
    """The policy of a text."""
    with file_of(content) as path:
        return load_policy(path, inventory or Inventory(), CATALOGUE)


def inventory_problems(content: str | bytes) -> tuple[Problem, ...]:
    """What is wrong with an inventory."""
    with pytest.raises(ConfigError) as caught:
        inventory_of(content)
    return caught.value.problems


def policy_problems(content: str | bytes, inventory: Inventory | None = None) -> tuple[Problem, ...]:
    """What is wrong with a policy."""
    with pytest.raises(ConfigError) as caught:
        policy_of(content, inventory)
    return caught.value.problems


def shown(problems: tuple[Problem, ...]) -> list[str]:
    """Problems as a person reads them, without the file's name."""
    return [
        f"{one.line}:{one.column} {one.key}: {one.message}" + (f" ({one.hint})" if one.hint else "") for one in problems
    ]
