"""Events made of what a rule asks for, so that it is true of some of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from detector.engine.logsource import sources
from detector.model.event import Event
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    FieldRef,
    FieldTest,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    TimePart,
    Wildcard,
)
from detector.model.rule import Rule
from tests.engine.events import event

_MOST_TESTS = 60
_FOR = {Wildcard.MANY: "", Wildcard.ONE: "\u00e4", Wildcard.DASH: "\u2013"}


def events_for(rule: Rule) -> Iterator[Event]:
    """One of all values it asks for, one of the first for each field, one of the same in the other case."""
    asked = [(name, _text(test)) for name, test in islice(_tests(rule.predicate), _MOST_TESTS)]
    ids = [text for name, text in asked if name == "EventID" and text.isascii() and text.isdecimal() and len(text) < 6]
    source = sources(rule.logsource)[0]
    known: dict[str, object] = {"EventID": min(source.event_ids) if source.event_ids else (ids or ["1"])[0]}
    if source.log is not None and source.log.providers and source.log.channels:
        known |= {"Provider_Name": source.log.providers[0], "Channel": source.log.channels[0]}
    several: dict[str, list[str]] = {}
    asked = [(name, text) for name, text in asked if name not in ("EventID", "Provider_Name", "Channel")]
    for name, text in asked:
        several.setdefault(name, []).append(text)
    for values in (several, dict(reversed(asked)), {name: text.swapcase() for name, text in asked}):
        yield event({**values, **known})


def _tests(predicate: Predicate) -> Iterator[tuple[str, Test]]:
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _tests(part)
        case Not(part):
            yield from _tests(part)
        case FieldTest(name, test):
            yield name, test
        case KeywordTest(test):
            yield "Message", test


def _text(test: Test) -> str:
    """A value of which the test is likely to be true."""
    match test:
        case Like(parts):
            made = "".join(_FOR[part] if isinstance(part, Wildcard) else part for part in parts)
        case Regex(pattern):
            made = pattern.replace("\\", "")
        case Cidr(network):
            made = network.partition("/")[0]
        case Compare(number=number):
            made = str(number)
        case TimePart(first=first):
            made = f"2026-01-02 {first % 24:02}:04:05"
        case FieldRef(other):
            made = other
        case _:
            made = "x"
    return made
