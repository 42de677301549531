"""``rmm-detector tools``."""

from __future__ import annotations

import click

from detector.cli.output import put


@click.group("tools")
def command() -> None:
    """The remote-access and copy tools that are known."""


@command.command("list")
def list_() -> None:
    """List the tools: id, kind, name and the number of built-in rules, tab-separated."""
    from detector.app.catalogue import listed_tools  # noqa: PLC0415 - the loader is not needed by --help

    for line in listed_tools():
        put(*line.split("\t"))


@command.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Show what is known of one tool: spellings for policy.yml, programs, signers, tenant keys, rules."""
    from detector.app.catalogue import described_tool  # noqa: PLC0415

    for line in described_tool(name):
        put(*line.split("\t"))
