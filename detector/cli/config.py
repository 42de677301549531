"""``rmm-detector config``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from detector.cli.options import cache_option, setting_options
from detector.cli.output import put
from detector.errors import UsageError

if TYPE_CHECKING:
    from detector.rules.cache import Cache


@click.group("config")
def command() -> None:
    """Check assets.yml and policy.yml."""


@command.command("check")
@setting_options
@cache_option
def check(assets: Path | None, policy: Path | None, rules: tuple[Path, ...], cache: Cache) -> None:
    """Check an inventory, a policy and rules, and name every problem with file, line and key.

    Exit codes: 0 all is well; 2 something is wrong.
    """
    if assets is None and policy is None and not rules:
        raise UsageError("name something to check: --assets FILE, --policy FILE or --rules PATH")
    from detector.app.check import checked  # noqa: PLC0415 - the loaders are not needed by --help

    for line in checked(assets, policy, rules, cache):
        put(*line.split("\t"))
