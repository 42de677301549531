"""``rmm-detector show``."""

from __future__ import annotations

from pathlib import Path

import click

from detector.cli.options import output_options
from detector.cli.output import deliver, exit_code, wanted
from detector.errors import InputError
from detector.model.level import Level


@click.command("show")
@click.argument("report", type=click.Path(path_type=Path), metavar="REPORT")
@output_options
@click.pass_context
def command(
    ctx: click.Context, report: Path, outputs: tuple[str, ...], form: str | None, fail_on: Level, quiet: bool
) -> None:
    """Show a report.json that an earlier scan wrote, or turn it into another format.

    The exit code is that of the scan: 1 for an incident at or above --fail-on, 4 for an incomplete one, else 0.
    """
    want = wanted(outputs, form, quiet=quiet)
    from detector.render import read_report  # noqa: PLC0415 - not needed by --help

    try:
        with report.open("rb") as file:
            head = file.read(64)
            # Something else, or a device without end, is not read whole.
            data = head + file.read() if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else head
    except OSError as problem:
        raise InputError(f"cannot read {report}: {problem.strerror}") from problem
    loaded = read_report(data)
    deliver(loaded, want)
    ctx.exit(exit_code(loaded, fail_on))
