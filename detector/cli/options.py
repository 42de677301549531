"""Options that several commands share, and what their values mean."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from detector.cli.output import say
from detector.model.level import Level

if TYPE_CHECKING:
    from detector.rules.cache import Cache

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(dir_okay=False, path_type=Path)


class _Time(click.ParamType[datetime]):
    """A moment as ISO 8601 spells it; UTC where no zone is given."""

    name = "time"

    def __init__(self, *, end: bool = False) -> None:
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        text = str(value)
        if self.end and len(text) <= len("2026-11-24") and "T" not in text:
            text += "T23:59:59.999999"  # a bare day is all of it, as in policy.yml
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-11-24 or 2026-11-24T08:30:00Z", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


class _LevelWord(click.ParamType[Level]):
    """One of Sigma's five levels."""

    name = "level"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Level:
        try:
            return Level.parse(str(value))
        except KeyError:
            self.fail(f"{value!r} is no level; use {', '.join(level.word for level in Level)}", param, ctx)


rules_option = click.option(
    "--rules", type=click.Path(path_type=Path), multiple=True, metavar="PATH",
    help="A Sigma rule or a folder of rules, instead of the built-in pack. Repeatable.",
)  # fmt: skip


def _cache(ctx: click.Context, param: click.Parameter, unwanted: bool) -> Cache:
    """The user's cache, or one that keeps nothing. A folder that the user chose is not passed over in silence."""
    from detector.rules.cache import VARIABLE, Cache, objection, user_cache  # noqa: PLC0415 - not needed by --help

    cache = Cache() if unwanted else user_cache(os.environ)
    if cache.folder is not None and VARIABLE in os.environ:
        with suppress(OSError):  # it is not there yet
            if why := objection(cache.folder):
                say(f"{VARIABLE}: {cache.folder} is not used: {why}")
    return cache


cache_option = click.option(
    "--no-cache", "cache", is_flag=True, callback=_cache,
    help="Read the rules anew, and keep nothing of them for the next run.",
)  # fmt: skip


def setting_options(command: Command) -> Command:
    """``--assets``, ``--policy`` and ``--rules``."""
    for option in (
        rules_option,
        click.option("--policy", type=_FILE, metavar="FILE", help="policy.yml: which use is sanctioned."),
        click.option("--assets", type=_FILE, metavar="FILE", help="assets.yml: the AI servers to protect."),
    ):  # fmt: skip
        command = option(command)
    return command


def window_options(command: Command) -> Command:
    """``--since`` and ``--until``."""
    command = click.option(
        "--until", type=_Time(end=True), metavar="TIME", help="Judge no event after this time (UTC)."
    )(command)
    return click.option("--since", type=_Time(), metavar="TIME", help="Judge no event before this time (UTC).")(command)


def output_options(command: Command) -> Command:
    """``-o``, ``--format``, ``--fail-on`` and ``--quiet``."""
    for option in (
        click.option("-q", "--quiet", is_flag=True, help="No progress and no report for people; only -o and exit code."),
        click.option(
            "--fail-on", type=_LevelWord(), default="medium", show_default=True, metavar="LEVEL",
            help="Exit with 1 when an incident has at least this level.",
        ),
        click.option(
            "--format", "form", type=click.Choice(["text", "json", "jsonl", "csv"]), metavar="FORMAT",
            help="What standard output gets: text (default), json, jsonl or csv.",
        ),
        click.option(
            "-o", "--output", "outputs", multiple=True, metavar="FILE",
            help="Write the report here, its format by suffix: .json .jsonl .csv .txt; - is standard output. Repeatable.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command
