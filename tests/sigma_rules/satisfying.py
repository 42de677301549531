"""Events that a rule is true of, made of what it asks for: so what others' rules find can be looked for with ours."""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Iterator
from functools import cache

from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from detector.engine.coverage import Kind
from detector.engine.evaluable import kinds_shown
from detector.engine.logged import LOGGED, Logged
from detector.engine.logsource import sources
from detector.engine.reference import holds
from detector.model.event import Event
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    FieldTest,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    Wildcard,
)
from detector.model.rule import Rule
from detector.rules import compile_regex
from tests.engine.events import event

#: What an event has where a rule asks nothing of it: a program nobody knows, started by hand.
_ORDINARY = {
    "Image": r"C:\Users\dana\Downloads\x7.exe",
    "CommandLine": r'"C:\Users\dana\Downloads\x7.exe"',
    "ParentImage": r"C:\Windows\explorer.exe",
    "ParentCommandLine": r"C:\Windows\explorer.exe",
    "User": r"CORP\dana",
    "CurrentDirectory": "C:\\Users\\dana\\",
    "Initiated": "true",
    "Protocol": "tcp",
    "SourceIp": "10.20.1.15",
    "DestinationIp": "203.0.113.9",
    "DestinationPort": "443",
    "IpAddress": "203.0.113.9",
    "QueryStatus": "0",
    "EventType": "SetValue",
    "ServiceType": "user mode service",
    "AccountName": "LocalSystem",
}
_TRIES = 12


def satisfying(rule: Rule, count: int, seed: int = 0) -> Iterator[Event]:
    """Up to so many different events of the kinds the rule looks at, all of which it is true of by the reference."""
    chance = random.Random(f"{seed} {rule.id}")
    kinds = sorted(kinds_shown(rule))
    seen: set[str] = set()
    for number in range(count * _TRIES):
        if not kinds or len(seen) == count:
            return
        asked: dict[str, list[Test]] = {}
        _ask(rule.predicate, chance, asked)
        made = _event(rule, kinds[number % len(kinds)], asked, chance)
        key = repr(sorted(made.fields.items()))
        if key not in seen and holds(rule.predicate, made, compile_regex):
            seen.add(key)
            yield made


def _ask(predicate: Predicate, chance: random.Random, asked: dict[str, list[Test]]) -> None:
    """One way to make it true, chosen by chance; what must not be is left to luck."""
    match predicate:
        case AllOf(parts):
            for part in parts:
                _ask(part, chance, asked)
        case AnyOf(parts) if parts:
            _ask(chance.choice(parts), chance, asked)
        case FieldTest(name, test):
            asked.setdefault(name, []).append(test)
        case KeywordTest(test):
            asked.setdefault("Data", []).append(test)
        case Not():
            pass


def _event(rule: Rule, kind: Kind, asked: dict[str, list[Test]], chance: random.Random) -> Event:
    logged = _logged(kind)
    fields: dict[str, object] = {"EventID": str(kind.event_id or 1)}
    if logged is not None:
        fields |= {"Provider_Name": logged.provider or "Some Program", "Channel": logged.channel}
        known = logged.fields
        fields |= {name: value for name, value in _ORDINARY.items() if known is not None and name in known}
    else:
        log = next(one.log for one in sources(rule.logsource) if one.log is not None and one.log.name == kind.log)
        fields |= {
            "Provider_Name": (*log.providers, "Some Program")[0],
            "Channel": log.channels[0] if log.channels else "",
        }
    for name, tests in asked.items():
        if logged is None or logged.fields is None or name in logged.fields:
            fields[name] = value(tests, chance)
    return event(fields)


def _logged(kind: Kind) -> Logged | None:
    for one in LOGGED:
        if one.log == kind.log and one.event_id in (kind.event_id, None):
            return one
    return None


def value(tests: list[Test], chance: random.Random) -> str | None:
    """A text of which all these tests are likely to be true: what it begins with, what stands in it, how it ends."""
    begins, within, ends = "", [], ""
    for test in tests:
        text = _text(test, chance)
        if text is None:
            return None
        parts = test.parts if isinstance(test, Like) else ()
        if isinstance(test, Like) and Wildcard.MANY not in (parts[:1] + parts[-1:]):
            return text
        if isinstance(test, Like) and parts[0] != Wildcard.MANY:
            begins = text
        elif isinstance(test, Like) and parts[-1] != Wildcard.MANY:
            ends = text
        else:
            within.append(text)
    return begins + " ".join(within) + ends


def _text(test: Test, chance: random.Random) -> str | None:
    match test:
        case Like(parts):
            fill = {Wildcard.MANY: "", Wildcard.ONE: "a", Wildcard.DASH: chance.choice("-/")}
            text = "".join(fill[part] if isinstance(part, Wildcard) else part for part in parts)
            if parts[:1] == (Wildcard.MANY,) and text.startswith("\\"):
                return r"C:\Users\dana\Downloads" + text
            return text
        case Regex(pattern, flags):
            return _spelt(pattern, flags)
        case Cidr(network):
            return network.partition("/")[0]
        case _:
            return None


@cache
def _spelt(pattern: str, flags: str) -> str:
    """The simplest text the pattern stands in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expression = re.compile(pattern, re.IGNORECASE if "i" in flags else 0)
            return str(
                find(st.from_regex(expression), lambda _: True, settings=settings(max_examples=5, database=None))
            )
    except (re.error, HypothesisException):
        return "x"
