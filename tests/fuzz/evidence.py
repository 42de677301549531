"""Evidence to begin with: of the sample stories an event for each set of rules that are true of it, as each log has it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import orjson

from detector.engine.match import Matcher
from detector.model.event import Event, RawRecord, Shape
from detector.model.hit import Hit
from detector.model.rule import RuleSet
from detector.normalize import normalize
from detector.rules import builtin_rules, compile_regex, load_rules
from detector.synth import SynthEvent, events_of, load_scenario
from detector.synth.evtx import write_evtx
from detector.synth.nxlog import flat
from detector.synth.to_evtx import record
from detector.synth.winlogbeat import document, hit
from tests.conftest import ROOT
from tests.fuzz.event_log import body_of

_ZONE = ZoneInfo("America/Sao_Paulo")


@cache
def rules() -> RuleSet:
    """The built-in rules."""
    return load_rules([builtin_rules()])[0]


@cache
def told() -> tuple[SynthEvent, ...]:
    """An event for each kind and set of rules, those first of which any rule is true."""
    matcher = Matcher(rules(), compile_regex)
    found: dict[tuple[object, ...], SynthEvent] = {}
    for path in sorted((ROOT / "samples/scenarios").glob("*.yml")):
        for event in events_of(load_scenario(path)):
            happened = normalize(RawRecord("a", "", Shape.WINLOGBEAT, document(event)))
            assert isinstance(happened, Event)
            true = tuple(one.rule.id for one in matcher.judge(happened) if isinstance(one, Hit))
            found.setdefault((true, event.provider, event.event_id), event)
    return tuple(event for _, event in sorted(found.items(), key=lambda item: not item[0][0]))


def json_lines() -> Iterator[bytes]:
    """One line each, as Winlogbeat, NXLog and a cluster write it; and a few files of three lines."""
    lines = []
    for number, event in enumerate(told()):
        written = (document(event), flat(event, _ZONE), document(event, ecs=True), hit(event, 0))[number % 4]
        lines.append(orjson.dumps(written) + b"\n")
    yield from lines
    yield from (b"".join(lines[at : at + 3]) for at in range(0, len(lines), 12))


def bodies() -> Iterator[bytes]:
    """The records of an EVTX chunk: one event in each, then a few of three."""
    events = told()
    yield from map(_body, ((event,) for event in events))
    yield from (_body(events[at : at + 3]) for at in range(0, len(events), 12))


def log_files() -> Iterator[bytes]:
    """Whole event logs, without the zeros behind the last record."""
    for event in islice(told(), 0, None, 5):
        yield _written((event,)).rstrip(b"\0")


def _body(events: tuple[SynthEvent, ...]) -> bytes:
    return body_of(_written(events))


def _written(events: tuple[SynthEvent, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.evtx"
        write_evtx(path, map(record, events))
        return path.read_bytes()
