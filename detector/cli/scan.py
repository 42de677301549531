"""``rmm-detector scan``."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from detector.cli.options import cache_option, output_options, setting_options, window_options
from detector.cli.output import deliver, exit_code, say, wanted
from detector.cli.progress import Progress
from detector.cli.spare import spare
from detector.errors import UsageError
from detector.model.level import Level
from detector.model.loss import LossKind

if TYPE_CHECKING:
    from detector.intake import Source
    from detector.rules.cache import Cache


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@setting_options
@window_options
@click.option(
    "-j", "--jobs", type=click.IntRange(min=0), default=0, metavar="N", help="Worker processes; 0: one a core."
)
@click.option(
    "--no-prefilter", is_flag=True, help="Decode every record and judge it by every rule: slow, the same hits."
)
@click.option("--hash-all", is_flag=True, help="SHA-256 of files over 64 MB, too, in which nothing was found: slower.")
@cache_option
@output_options
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    ctx: click.Context,
    paths: tuple[str, ...],
    assets: Path | None,
    policy: Path | None,
    rules: tuple[Path, ...],
    since: datetime | None,
    until: datetime | None,
    jobs: int,
    no_prefilter: bool,
    hash_all: bool,
    cache: Cache,
    outputs: tuple[str, ...],
    form: str | None,
    fail_on: Level,
    quiet: bool,
) -> None:
    """Scan exported Windows logs for remote tools used to get at AI assets.

    PATH is an EVTX or NDJSON file (Winlogbeat, Elasticsearch hits, NXLog, evtx_dump), a folder of them, or - for
    standard input. What a file is, its content says. Nothing is changed, and nothing leaves this machine.
    """
    want = wanted(outputs, form, quiet=quiet)
    if since and until and since > until:
        raise UsageError("--since is after --until: no event can lie between them")
    from detector.app.harvest import Window  # noqa: PLC0415 - the readers and rules are not needed by --help
    from detector.app.scan import Request, Watcher, scan  # noqa: PLC0415

    stop = Stop()
    progress = Progress(shown=not quiet and sys.stderr is not None and sys.stderr.isatty())
    request = Request(paths, assets, policy, rules, Window(since, until), jobs, not no_prefilter, cache, hash_all)

    def begin(sources: Sequence[Source]) -> None:
        spare(want, sources, [path for path in (assets, policy, *rules) if path is not None])
        stop.begin()

    with stop, progress:
        report = scan(request, Watcher(begin, progress.begin, progress.done, stop))
    if any(loss.kind is LossKind.INTERRUPTED for loss in report.losses):
        say("Stopped. What was read until then is reported below; the rest is named as not read.")
    deliver(report, want)
    ctx.exit(exit_code(report, fail_on))


class Stop:
    """Whether the user asked to stop: Ctrl-C, or the signals that end a session or a job of a build server.

    The first one asks for what was found so far, the second ends the program. Before anything is read the first one does.
    """

    def __init__(self) -> None:
        self._asked = False
        self._reading = False

    def __call__(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked

    def begin(self) -> None:
        """From now on there is something to keep."""
        self._reading = True

    def __enter__(self) -> Stop:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        """While results are written, any of them ends the program by ``KeyboardInterrupt``, so that no half file stays."""
        self._reading = False

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked or not self._reading:
            raise KeyboardInterrupt
        self._asked = True
