"""JSON lines and CSV: one line for each thing, and nothing alive in a cell."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model.report import Report
from detector.render import document, write_csv, write_jsonl
from detector.render.plain import LIVE
from detector.render.written import CSV_COLUMNS, _cell
from tests.render import sample_reports
from tests.render.report_strategies import HOSTILE, reports

NIGHT = sample_reports.NIGHT


def lines_of(report: Report) -> list[Any]:
    out = io.BytesIO()
    write_jsonl(report, out)
    assert not out.getvalue() or out.getvalue().endswith(b"\n")
    return [json.loads(line) for line in out.getvalue().splitlines()]


def csv_of(report: Report) -> str:
    out = io.BytesIO()
    write_csv(report, out)
    return out.getvalue().decode()


def rows_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_of(report), newline="")))


def test_json_lines_are_the_parts_of_the_document() -> None:
    """Brief: "one line per finding and incident and loss with a `kind` key"."""
    whole, lines = document(NIGHT), lines_of(NIGHT)
    assert [line["kind"] for line in lines] == ["incident"] + ["finding"] * len(NIGHT.findings) + ["loss"] * 5
    assert {k: v for k, v in lines[0].items() if k != "kind"} == whole["incidents"][0]
    assert lines[-1] == {**whole["losses"][-1], "kind": "loss", "loss": whole["losses"][-1]["kind"]}


@given(reports())
@settings(max_examples=40, deadline=None)
def test_json_lines_of_any_report_are_one_line_each(report: Report) -> None:
    parts = len(report.incidents) + len(report.findings) + len(report.losses)
    assert len(lines_of(report)) == parts


def test_csv_has_a_header_and_a_row_for_each_finding() -> None:
    """RFC 4180: records end in CRLF, the first may be a header, quotes inside a quoted field are doubled."""
    text = csv_of(NIGHT)
    assert text.split("\r\n")[0] == ",".join(CSV_COLUMNS)
    assert text.endswith("\r\n")
    rows = rows_of(NIGHT)
    assert len(rows) == len(NIGHT.findings)
    first = rows[0]
    assert (first["id"], first["incidents"], first["verdict"]) == ("f-000000000001", "i-8f21c04d77ab", "unsanctioned")
    assert first["fields"].startswith("CommandLine=powershell -w hidden iwr")
    assert (first["file"], first["event_id"], first["record_id"]) == ("logs/DESK-212/Sysmon.evtx", "1", "88001")
    assert (rows[-1]["count"], rows[-1]["policy"]) == ("1", "anydesk-labs")


@given(reports())
@settings(max_examples=60, deadline=None)
def test_nothing_in_a_csv_is_alive(report: Report) -> None:
    text = csv_of(report)
    assert not LIVE.search(text.replace("\r\n", ""))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 1 + len(report.findings)
    for row in rows[1:]:
        assert len(row) == len(CSV_COLUMNS)
        assert all(len(cell) <= 32_767 for cell in row)
        assert not any(
            part.lstrip(" ").startswith(tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20"))
            for cell in row
            for part in cell.split(";")
        )


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_no_text_makes_a_formula(text: str) -> None:
    for spelt in (text, *(sign + text for sign in "=+-@\t\r")):
        cell = _cell(spelt)
        assert isinstance(cell, str)
        assert not LIVE.search(cell)
        assert not cell.startswith(("=", "+", "-", "@"))


def test_formulas_get_an_apostrophe_and_controls_show() -> None:
    assert [_cell(text) for text in ("=1", "\t=1", " @x", "a;-b", "a=b", "-", 7, None, "C:\\r")] == [
        "'=1", "'\\t=1", "' @x", "a;'-b", "a=b", "'-", 7, "", "C:\\r",
    ]  # fmt: skip
    assert all(not LIVE.search(str(_cell(text))) for text in HOSTILE)
