"""``rmm-detector rules``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from detector.cli.options import cache_option, rules_option
from detector.cli.output import put, say

if TYPE_CHECKING:
    from detector.rules.cache import Cache


@click.group("rules")
def command() -> None:
    """The Sigma rules that a scan matches."""


@command.command("list")
@rules_option
@click.option("--tool", metavar="NAME", help="Only rules of this tool.")
@cache_option
def list_(rules: tuple[Path, ...], tool: str | None, cache: Cache) -> None:
    """List the rules: level, phase, tool, id and title, tab-separated."""
    from detector.app.catalogue import listed_rules  # noqa: PLC0415 - the loader is not needed by --help

    lines, problems = listed_rules(rules, tool, cache)
    for line in lines:
        put(*line.split("\t"))
    for problem in problems:
        say(problem)


@command.command("coverage")
@rules_option
@click.option("--tool", metavar="NAME", help="Only rules of this tool.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people, or for machines."
)
@cache_option
def coverage(rules: tuple[Path, ...], tool: str | None, form: str, cache: Cache) -> None:
    """Show how many rules there are by tool and phase, and in which log alone they can be true."""
    from detector.app.coverage import as_json, covered, table  # noqa: PLC0415 - the loader is not needed by --help

    rows, problems = covered(rules, tool, cache)
    for line in as_json(rows) if form == "json" else table(rows):
        put(line)
    for problem in problems:
        say(problem)
