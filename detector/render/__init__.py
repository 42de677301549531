"""A report for people and machines: terminal, ``report.json``, JSON lines, CSV; and back from ``report.json``.

Everything here reads :class:`detector.model.report.Report` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.model.report import Report
from detector.render.document import document
from detector.render.reading import read_report
from detector.render.written import write_csv, write_json, write_jsonl

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["document", "read_report", "write_csv", "write_json", "write_jsonl", "write_terminal"]


def write_terminal(report: Report, console: Console) -> None:
    """The report for a person at a terminal; see :mod:`detector.render.terminal` (rich takes time to import)."""
    from detector.render.terminal import write_terminal as write  # noqa: PLC0415

    write(report, console)
