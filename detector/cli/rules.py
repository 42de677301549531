"""``rmm-detector rules``."""

from __future__ import annotations

from pathlib import Path

import click

from detector.cli.options import rules_option
from detector.cli.output import put, say


@click.group("rules")
def command() -> None:
    """The Sigma rules that a scan matches."""


@command.command("list")
@rules_option
@click.option("--tool", metavar="NAME", help="Only rules of this tool.")
def list_(rules: tuple[Path, ...], tool: str | None) -> None:
    """List the rules: level, phase, tool, id and title, tab-separated."""
    from detector.app.catalogue import listed_rules  # noqa: PLC0415 - the loader is not needed by --help

    lines, problems = listed_rules(rules, tool)
    for line in lines:
        put(*line.split("\t"))
    for problem in problems:
        say(problem)
