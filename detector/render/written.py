"""Reports for machines: ``report.json``, JSON lines, CSV. All of them UTF-8, the same bytes for the same report."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any, BinaryIO

from detector.model.report import Report
from detector.render.document import Document, document
from detector.render.plain import LIVE, shortened, shown

CSV_COLUMNS = (
    "id", "time", "level", "rule", "rule_id", "tool", "phase", "action", "host", "user", "asset", "verdict", "policy",
    "because", "count", "incidents", "fields", "file", "channel", "provider", "event_id", "record_id",
)  # fmt: skip

#: Spreadsheets cut or refuse a cell beyond 32,767 characters (Excel specifications and limits).
_LONGEST_CELL = 32_000

#: What a spreadsheet takes for a formula, at the begin of a cell, or of what becomes one where the separator is a semicolon
#: (OWASP, CSV Injection; full-width signs count in some locales).
_FORMULA = re.compile("(^|;)(?= *[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def write_json(report: Report, out: BinaryIO) -> None:
    """The report document, indented. Control and bidi characters are escaped, so that a pager shows it safely."""
    out.write(_json(document(report), indent=2).encode() + b"\n")


def write_jsonl(report: Report, out: BinaryIO) -> None:
    """One line per incident, finding and loss, each with a ``kind`` of that name; a loss's own kind is ``loss``."""
    whole = document(report)
    lines = [{"kind": "incident", **one} for one in whole["incidents"]]
    lines += [{"kind": "finding", **one} for one in whole["findings"]]
    lines += [{**one, "kind": "loss", "loss": one["kind"]} for one in whole["losses"]]
    for line in lines:
        out.write(_json(line).encode() + b"\n")


def _json(value: Any, indent: int | None = None) -> str:
    return LIVE.sub(_escaped, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent))


def _escaped(match: re.Match[str]) -> str:
    """JSON's escape of a character inside a string; the line feeds of the indentation stay."""
    return match.group() if match.group() == "\n" else json.dumps(match.group())[1:-1]


def write_csv(report: Report, out: BinaryIO) -> None:
    """The findings, one a line, with a header row (RFC 4180). Nothing in a cell acts as a formula or a control."""
    whole = document(report)
    incidents: dict[str, list[str]] = {}
    for incident in whole["incidents"]:
        for finding in incident["findings"]:
            incidents.setdefault(finding, []).append(incident["id"])
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(CSV_COLUMNS)
    for finding in whole["findings"]:
        row = _row(finding, incidents.get(finding["id"], []))
        rows.writerow([_cell(row[column]) for column in CSV_COLUMNS])
    out.write(text.getvalue().encode())


def _row(finding: Document, incidents: list[str]) -> Document:
    ref = finding["refs"][0] if finding["refs"] else {}
    return {
        **{name: finding[name] for name in ("id", "time", "tool", "phase", "action", "host", "user", "asset", "count")},
        "level": finding["rule"]["level"],
        "rule": finding["rule"]["title"],
        "rule_id": finding["rule"]["id"],
        **{name: finding["decision"][name] for name in ("verdict", "policy", "because")},
        "incidents": " ".join(incidents),
        "fields": "; ".join(f"{name}={value}" for name, value in finding["fields"].items()),
        **{name: ref.get(name) for name in ("file", "channel", "provider", "event_id", "record_id")},
    }


def _cell(value: str | int | None) -> str | int:
    if isinstance(value, int):
        return value
    return shortened(shown(_FORMULA.sub(r"\1'", value or "")), _LONGEST_CELL)
