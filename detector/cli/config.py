"""``rmm-detector config``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detector.cli.options import cache_option, rules_option, setting_options, window_options
from detector.cli.output import put, say
from detector.errors import OutputError, UsageError

if TYPE_CHECKING:
    from detector.cli.progress import Progress
    from detector.model.loss import Loss
    from detector.rules.cache import Cache


#: How many places of a kind of loss are named.
_MOST_PLACES = 3


@click.group("config")
def command() -> None:
    """Check assets.yml and policy.yml, or draft them."""


@command.command("check")
@setting_options
@click.option(
    "--evidence", type=click.Path(path_type=Path), multiple=True, metavar="PATH",
    help="Logs to judge by the policy: which clauses are used, what is raised. Repeatable.",
)  # fmt: skip
@click.option(
    "--was", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="The policy before a change: say what the change allows or raises on the evidence.",
)  # fmt: skip
@cache_option
def check(
    assets: Path | None,
    policy: Path | None,
    rules: tuple[Path, ...],
    evidence: tuple[Path, ...],
    was: Path | None,
    cache: Cache,
) -> None:
    """Check an inventory, a policy and rules, and name every problem with file, line and key.

    Clauses that have expired, that another one covers, or that anybody fits are pointed out.

    Exit codes: 0 all is well; 2 something is wrong; 4 not all evidence could be read or judged.
    """
    if assets is None and policy is None and not rules:
        raise UsageError("name something to check: --assets FILE, --policy FILE or --rules PATH")
    if (evidence or was) and (policy is None or not evidence):
        raise UsageError("--evidence needs --policy FILE, and --was needs both: there is nothing to compare otherwise")
    from detector.app.check import checked  # noqa: PLC0415 - the loaders are not needed by --help

    for line in checked(assets, policy, rules, cache, datetime.now(UTC)):
        put(*line.split("\t"))
    if not evidence:
        return
    from detector.app.scan import Request, Watcher  # noqa: PLC0415 - the readers are not needed without evidence
    from detector.app.simulate import described, simulated  # noqa: PLC0415

    request = Request(tuple(map(str, evidence)), assets, policy, rules, cache=cache)
    with _progress(quiet=False) as progress:
        result = simulated(request, was, Watcher(look=progress.begin, done=progress.done))
    for line in described(result):
        put(line)
    _not_seen(result.losses)


def _progress(*, quiet: bool) -> Progress:
    from detector.cli.progress import Progress  # noqa: PLC0415 - nothing is read by --help

    return Progress(shown=not quiet and sys.stderr is not None and sys.stderr.isatty())


def _not_seen(losses: Sequence[Loss]) -> None:
    """Name what could not be read or judged, as a scan does, and end with 4 if there is any."""
    from detector.render.answer import missing  # noqa: PLC0415 - most commands lose nothing

    for one in missing(losses):
        say(f"not seen: {one.counted}")
        for line in one.lines(_MOST_PLACES):
            say(f"  - {line}")
        if len(one.places) > _MOST_PLACES:
            say(f"  - {len(one.places) - _MOST_PLACES} more")
    if losses:
        raise click.exceptions.Exit(4)


@command.command("draft")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), default=".", show_default=True,
    metavar="FOLDER", help="Where assets.yml and policy.yml are written. Neither may be there yet.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@rules_option
@window_options
@cache_option
def draft(  # noqa: PLR0913, PLR0917 - one parameter an option
    paths: tuple[str, ...],
    folder: Path,
    quiet: bool,
    rules: tuple[Path, ...],
    since: datetime | None,
    until: datetime | None,
    cache: Cache,
) -> None:
    """Write a first assets.yml and policy.yml out of evidence, for review.

    Each remote, copy and tunnel tool that was seen stands in it with its tenant, hosts, people, hours and counts, as an entry
    that is not in force: nothing is sanctioned until somebody takes the sign away in front of it.

    Exit codes: 0 both were written; 2 one is there already; 3 they could not be written; 4 written, but not all evidence
    could be read or judged.
    """
    targets = [folder / "assets.yml", folder / "policy.yml"]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target} is there already: move it away, or name another folder with --output")
    from detector.app.draft import drafted  # noqa: PLC0415 - the readers and rules are not needed by --help
    from detector.app.harvest import Window  # noqa: PLC0415
    from detector.app.scan import Request, Watcher  # noqa: PLC0415

    with _progress(quiet=quiet) as progress:
        made = drafted(
            Request(paths, rules=rules, window=Window(since, until), cache=cache),
            Watcher(look=progress.begin, done=progress.done),
        )
    for target, text in zip(targets, (made.assets, made.policy), strict=True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as problem:
            raise OutputError(f"cannot write {target}: {problem.strerror}") from problem
        put(str(target))
    if not quiet:
        tools = len({seen.tool for seen in made.evidence.tools})
        say(
            f"{tools} tools in {len(made.evidence.tools)} installations seen; nothing is sanctioned. Review both files."
        )
    _not_seen(made.losses)
