"""Any bytes as a ``report.json`` to show: a report that every form can be written of, or ``ReportError``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO, StringIO

from detector.errors import ReportError
from detector.model.report import Report
from detector.render import read_report, write_csv, write_json, write_jsonl, write_text
from tests.fuzz.json_changes import changed
from tests.fuzz.target import Target
from tests.render import sample_reports

_REPORTS = (
    sample_reports.NIGHT,
    sample_reports.QUIET_INCOMPLETE,
    sample_reports.NOTHING_GIVEN,
    sample_reports.UNDECIDED_ONLY,
    replace(sample_reports.NIGHT, findings=sample_reports.FINDINGS[:1], inputs=(), losses=sample_reports.LOSSES[:1]),
)


def _check(data: bytes) -> None:
    try:
        report = read_report(data)
    except ReportError:
        return
    # Half of a character pair is spelt out the first time, and put in order by that the second.
    again = read_report(_written(read_report(_written(report))))
    assert read_report(_written(again)) == again
    for write in (write_jsonl, write_csv):
        write(report, BytesIO())
    write_text(report, StringIO())


def _written(report: Report) -> bytes:
    out = BytesIO()
    write_json(report, out)
    return out.getvalue()


def _seeds() -> Iterator[bytes]:
    for report in _REPORTS:
        yield json.dumps(json.loads(_written(report))).encode()
    yield b'{"schema": "rmm-detector/report/1", "complete": true}'
    yield b'{"schema": "rmm-detector/report/9"}'


TARGET = Target(
    check=_check,
    seeds=_seeds,
    longest=40_000,
    change=changed,
)
