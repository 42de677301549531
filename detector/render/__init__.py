"""A report for people and machines: terminal, ``report.json``, JSON lines, CSV; and back from ``report.json``.

Everything here reads :class:`detector.model.report.Report` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from detector.model.report import Report
from detector.render.document import document
from detector.render.reading import read_report
from detector.render.written import write_csv, write_json, write_jsonl

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["document", "read_report", "write_csv", "write_json", "write_jsonl", "write_terminal", "write_text"]


def write_terminal(report: Report, console: Console) -> None:
    """The report for a person at a terminal; see :mod:`detector.render.terminal` (rich takes time to import)."""
    from detector.render.terminal import write_terminal as write  # noqa: PLC0415

    write(report, console)


def write_text(report: Report, stream: TextIO) -> None:
    """The report for a person on a text stream: as wide as its terminal, 100 columns where it is none."""
    from rich.console import Console  # noqa: PLC0415

    class Stream(Console):
        """A console that leaves a closed pipe to its caller; rich would end the process with 1."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    width = None if stream.isatty() else 100
    write_terminal(report, Stream(file=stream, width=width, highlight=False, markup=False, emoji=False))
