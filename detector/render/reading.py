"""``report.json`` -> :class:`Report`, key by key: a report of another version, or a file that is none, is told apart."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from detector.errors import ReportError
from detector.model.event import EventRef
from detector.model.finding import Finding, RuleRef
from detector.model.incident import Edge, Incident
from detector.model.loss import Loss, LossKind
from detector.model.policy import Decision, Verdict
from detector.model.report import SCHEMA, Input, Report, Run, Stats
from detector.model.rule import Action, Phase
from detector.render.keys import Keys

T = TypeVar("T")


def read_report(data: bytes) -> Report:
    """The report in the bytes of a ``report.json``. Raises :class:`ReportError` that says what is wrong.

    ``document(read_report(data))`` is the document in ``data`` again.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise ReportError(f"not a report: byte {error.start} is not UTF-8") from None
    except (ValueError, RecursionError) as error:  # JSONDecodeError is a ValueError; so is a number of 5,000 digits
        raise ReportError(f"not a report: no valid JSON ({error})") from None
    if not isinstance(value, dict) or "schema" not in value:
        raise ReportError("not a report: it has no `schema`")
    if value["schema"] != SCHEMA:
        raise ReportError(f"a report of the form {str(value['schema'])[:80]!r}; this program reads {SCHEMA!r}")
    return _report(Keys(value, ""))


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _whole(read: Callable[[Keys], T]) -> Callable[[Keys], T]:
    """A reader after which no key may be left."""

    def whole(keys: Keys) -> T:
        made = read(keys)
        keys.end()
        return made

    return whole


@_whole
def _report(keys: Keys) -> Report:
    keys.text("schema")
    complete = keys.truth("complete")
    report = Report(
        run=_run(keys.object("run")),
        inputs=keys.each("inputs", _input),
        incidents=keys.each("incidents", _incident),
        findings=keys.each("findings", _finding),
        losses=keys.each("losses", _loss),
        stats=_stats(keys.object("stats")),
    )
    if complete != report.complete:
        raise ReportError(f"not a report: complete is {complete}, but it has {len(report.losses)} losses")
    return report


@_whole
def _run(keys: Keys) -> Run:
    return Run(
        version=keys.text("version"),
        rules=keys.text("rules"),
        rule_count=keys.count("rule_count"),
        assets=keys.text_or_none("assets"),
        policy=keys.text_or_none("policy"),
        scope=keys.texts("scope"),
        since=keys.time_or_none("since"),
        until=keys.time_or_none("until"),
    )


@_whole
def _input(keys: Keys) -> Input:
    return Input(
        path=keys.text("path"),
        sha256=keys.text("sha256"),
        bytes=keys.count("bytes"),
        kind=keys.text("kind"),
        records=keys.count("records"),
        first_seen=keys.time_or_none("first_seen"),
        last_seen=keys.time_or_none("last_seen"),
    )


@_whole
def _incident(keys: Keys) -> Incident:
    return Incident(
        id=keys.text("id"),
        level=keys.level("level"),
        title=keys.text("title"),
        summary=keys.text("summary"),
        first_seen=keys.time("first_seen"),
        last_seen=keys.time("last_seen"),
        origins=keys.texts("origins"),
        assets=keys.texts("assets"),
        tools=keys.texts("tools"),
        users=keys.texts("users"),
        edges=keys.each("edges", _edge),
        findings=keys.texts("findings"),
        reasons=keys.texts("reasons"),
        checks=keys.texts("checks"),
    )


@_whole
def _edge(keys: Keys) -> Edge:
    return Edge(
        origin=keys.text("from"),
        target=keys.text("to"),
        via=keys.text("via"),
        user=keys.text("user"),
        first_seen=keys.time("first_seen"),
        last_seen=keys.time("last_seen"),
        findings=keys.texts("findings"),
    )


@_whole
def _finding(keys: Keys) -> Finding:
    return Finding(
        id=keys.text("id"),
        rule=_rule(keys.object("rule")),
        tool=keys.text_or_none("tool"),
        phase=keys.word_or_none("phase", Phase),
        action=keys.word_or_none("action", Action),
        host=keys.text("host"),
        user=keys.text("user"),
        time=keys.time("time"),
        refs=keys.each("refs", _ref),
        fields=keys.mapping("fields", lambda value: isinstance(value, str)),
        asset=keys.text_or_none("asset"),
        decision=_decision(keys.object("decision")),
        count=keys.count("count", 1),
    )


@_whole
def _rule(keys: Keys) -> RuleRef:
    return RuleRef(id=keys.text("id"), title=keys.text("title"), level=keys.level("level"))


@_whole
def _decision(keys: Keys) -> Decision:
    return Decision(
        verdict=keys.word("verdict", Verdict),
        policy=keys.text_or_none("policy"),
        because=keys.text("because"),
        undecided=keys.texts("undecided"),
    )


@_whole
def _ref(keys: Keys) -> EventRef:
    return EventRef(
        source=keys.text("file"),
        host=keys.text("host"),
        channel=keys.text("channel"),
        provider=keys.text("provider"),
        event_id=keys.count("event_id"),
        record_id=keys.count_or_none("record_id"),
        time=keys.time("time"),
    )


@_whole
def _loss(keys: Keys) -> Loss:
    return Loss(
        kind=keys.word("kind", LossKind), where=keys.text("where"), why=keys.text("why"), count=keys.count("count", 1)
    )


@_whole
def _stats(keys: Keys) -> Stats:
    timed = keys.has("seconds")
    return Stats(
        records=keys.count("records"),
        duplicates=keys.count("duplicates"),
        blocks=keys.count("blocks"),
        screened_out=keys.count("screened_out"),
        judged=keys.count("judged"),
        seconds=keys.mapping("seconds", _is_seconds) if timed else None,
    )


def _is_seconds(value: Any) -> bool:
    return type(value) is float and math.isfinite(value)
