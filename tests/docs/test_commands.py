"""CONTRIBUTING: "every command, option, exit code and file format stands in docs/ and the README's commands run"."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from detector.cli import cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = list(commands(cli))


def test_the_commands_are_those_of_the_contract() -> None:
    assert [" ".join(path) for path, _ in ALL] == [
        "scan",
        "show",
        "rules coverage",
        "rules list",
        "config check",
        "config draft",
        "tools list",
        "tools show",
    ]


@pytest.mark.parametrize(
    ("path", "command"), ALL, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_and_option_is_documented(root: Path, path: tuple[str, ...], command: click.Command) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    assert f"rmm-detector {' '.join(path)}" in text
    spellings = [name for param in command.params if isinstance(param, click.Option) for name in param.opts]
    assert [name for name in spellings if f"`{name}" not in text and f"{name} " not in text] == []


@pytest.mark.parametrize(
    ("path", "command"), ALL, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_option_says_what_it_does(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    assert [param.name for param in command.params if isinstance(param, click.Option) and not param.help] == []


def test_every_exit_code_is_documented(root: Path) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    assert all(f"| {code} |" in text for code in (0, 1, 2, 3, 4, 141))
    help_text = cli.get_help(click.Context(cli))
    assert all(f"{code}  " in help_text for code in (0, 1, 2, 3, 4))
