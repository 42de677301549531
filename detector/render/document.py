"""The report document, ``rmm-detector/report/1``: what ``report.json`` holds and every other reader reads.

``report.schema.json`` beside this file describes each key, ``docs/report.md`` says it in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from detector.model.event import EventRef
from detector.model.finding import Finding
from detector.model.incident import Edge, Incident
from detector.model.loss import Loss
from detector.model.report import SCHEMA, Input, Report, Run, Stats
from detector.render.plain import encodable

Document = dict[str, Any]


def document(report: Report) -> Document:
    """The report as JSON values. The same report gives the same document, in whatever order its parts were found.

    Times are ISO 8601 in UTC with microseconds and ``Z``. Text is exact, but for lone surrogates (shown as ``\\ud800``).
    """
    return {
        "schema": SCHEMA,
        "complete": report.complete,
        "run": _run(report.run),
        "inputs": [_input(one) for one in sorted(report.inputs, key=lambda one: (one.path, one.sha256))],
        "incidents": [incident(one) for one in in_order(report.incidents)],
        "findings": [finding(one) for one in sorted(report.findings, key=lambda one: (one.time, one.id))],
        "losses": [loss(one) for one in sorted(report.losses)],
        "stats": _stats(report.stats),
    }


def in_order(incidents: Iterable[Incident]) -> list[Incident]:
    """Worst first, then as they began."""
    return sorted(incidents, key=lambda one: (-one.level, one.first_seen, one.id))


def instant(time: datetime) -> str:
    """``2025-10-14T03:52:20.000000Z``."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _maybe(time: datetime | None) -> str | None:
    return None if time is None else instant(time)


def _text(text: str | None) -> str | None:
    return None if text is None else encodable(text)


def _texts(texts: Iterable[str]) -> list[str]:
    return [encodable(text) for text in texts]


def _run(run: Run) -> Document:
    return {
        "version": encodable(run.version),
        "rules": encodable(run.rules),
        "rule_count": run.rule_count,
        "assets": _text(run.assets),
        "policy": _text(run.policy),
        "scope": _texts(run.scope),
        "since": _maybe(run.since),
        "until": _maybe(run.until),
    }


def _input(one: Input) -> Document:
    return {
        "path": encodable(one.path),
        "sha256": encodable(one.sha256),
        "bytes": one.bytes,
        "kind": encodable(one.kind),
        "records": one.records,
        "first_seen": _maybe(one.first_seen),
        "last_seen": _maybe(one.last_seen),
    }


def incident(one: Incident) -> Document:
    """One incident."""
    return {
        "id": encodable(one.id),
        "level": one.level.word,
        "title": encodable(one.title),
        "summary": encodable(one.summary),
        "first_seen": instant(one.first_seen),
        "last_seen": instant(one.last_seen),
        "origins": _texts(one.origins),
        "assets": _texts(one.assets),
        "tools": _texts(one.tools),
        "users": _texts(one.users),
        "edges": [_edge(edge) for edge in one.edges],
        "findings": _texts(one.findings),
        "reasons": _texts(one.reasons),
        "checks": _texts(one.checks),
    }


def _edge(edge: Edge) -> Document:
    return {
        "from": encodable(edge.origin),
        "to": encodable(edge.target),
        "via": encodable(edge.via),
        "user": encodable(edge.user),
        "first_seen": instant(edge.first_seen),
        "last_seen": instant(edge.last_seen),
        "findings": _texts(edge.findings),
    }


def finding(one: Finding) -> Document:
    """One finding."""
    return {
        "id": encodable(one.id),
        "rule": {"id": encodable(one.rule.id), "title": encodable(one.rule.title), "level": one.rule.level.word},
        "tool": _text(one.tool),
        "phase": one.phase.value if one.phase else None,
        "action": one.action.value if one.action else None,
        "host": encodable(one.host),
        "user": encodable(one.user),
        "time": instant(one.time),
        "refs": [_ref(ref) for ref in one.refs],
        "fields": _fields(one.fields),
        "asset": _text(one.asset),
        "decision": {
            "verdict": one.decision.verdict.value,
            "policy": _text(one.decision.policy),
            "because": encodable(one.decision.because),
            "undecided": _texts(one.decision.undecided),
        },
        "count": one.count,
    }


def _fields(fields: Mapping[str, str]) -> dict[str, str]:
    """In the report's own order: the fields that matched stand first."""
    return {encodable(name): encodable(value) for name, value in fields.items()}


def _ref(ref: EventRef) -> Document:
    return {
        "file": encodable(ref.source),
        "host": encodable(ref.host),
        "channel": encodable(ref.channel),
        "provider": encodable(ref.provider),
        "event_id": ref.event_id,
        "record_id": ref.record_id,
        "time": instant(ref.time),
    }


def loss(one: Loss) -> Document:
    """One loss."""
    return {"kind": one.kind.value, "where": encodable(one.where), "why": encodable(one.why), "count": one.count}


def _stats(stats: Stats) -> Document:
    counts: Document = {
        "records": stats.records,
        "duplicates": stats.duplicates,
        "blocks": stats.blocks,
        "screened_out": stats.screened_out,
        "judged": stats.judged,
    }
    if stats.seconds is not None:
        counts["seconds"] = {encodable(stage): float(seconds) for stage, seconds in stats.seconds.items()}
    return counts
