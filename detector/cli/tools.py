"""``rmm-detector tools``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from detector.cli.options import cache_option
from detector.cli.output import put

if TYPE_CHECKING:
    from detector.rules.cache import Cache


@click.group("tools")
def command() -> None:
    """The remote-access and copy tools that are known."""


@command.command("list")
@cache_option
def list_(cache: Cache) -> None:
    """List the tools: id, kind, name and the number of built-in rules, tab-separated."""
    from detector.app.catalogue import listed_tools  # noqa: PLC0415 - the loader is not needed by --help

    for line in listed_tools(cache):
        put(*line.split("\t"))


@command.command("show")
@click.argument("name")
@cache_option
def show(name: str, cache: Cache) -> None:
    """Show what is known of one tool: spellings for policy.yml, programs, signers, tenant keys, rules."""
    from detector.app.catalogue import described_tool  # noqa: PLC0415

    for line in described_tool(name, cache):
        put(*line.split("\t"))
