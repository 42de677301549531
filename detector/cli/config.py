"""``rmm-detector config``."""

from __future__ import annotations

from pathlib import Path

import click

from detector.cli.options import setting_options
from detector.cli.output import put
from detector.errors import UsageError


@click.group("config")
def command() -> None:
    """Check assets.yml and policy.yml."""


@command.command("check")
@setting_options
def check(assets: Path | None, policy: Path | None, rules: tuple[Path, ...]) -> None:
    """Check an inventory, a policy and rules, and name every problem with file, line and key.

    Exit codes: 0 all is well; 2 something is wrong.
    """
    if assets is None and policy is None and not rules:
        raise UsageError("name something to check: --assets FILE, --policy FILE or --rules PATH")
    from detector.app.check import checked  # noqa: PLC0415 - the loaders are not needed by --help

    for line in checked(assets, policy, rules):
        put(*line.split("\t"))
