"""Any bytes as rule files: rules, losses or ``RuleError``; and what loads means the same to the matcher and the reference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from zlib import crc32

from detector.engine.correlate import correlated
from detector.engine.correlate_observed import Observed
from detector.engine.correlate_watch import Watch
from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.errors import RuleError
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.loss import LossKind
from detector.model.rule import Rule, RuleSet
from detector.rules import compile_regex
from detector.rules.files import RuleFile
from detector.rules.load import rules_of
from detector.screen import Sieve, Wanted
from tests.conftest import ROOT
from tests.engine.events import event, looks
from tests.fuzz.made_events import events_for
from tests.fuzz.target import Target
from tests.fuzz.yaml_changes import changing

#: Between two files; the second one holds the placeholders.
_CUT = b"\n%%%%\n"
_MOST_JUDGED = 20
_MOST_MADE = 4
#: Of one input in so many the screen is made: that takes longer than all the rest.
_SCREENED = 8
_LOG = b"logsource: {product: windows}\n"
_OWN = (
    b"action: global\ntitle: G\n" + _LOG + b"---\ndetection: {a: {B|hour|gte: 3}, condition: a}\n---\naction: repeat\n",
    b"title: F\n" + _LOG + b"filter: {rules: any, a: {User|expand: '%x%'}, condition: not a}\n---\ntitle: R\nname: r\n" + _LOG
    + b"detection: {a: {User|contains: e}, condition: a}\n" + _CUT + b"x: [a, 'b*']\n",
    b"title: E\n" + _LOG + b"detection: {a: &a {B|windash|contains|all: [' -c', '/d']}, b: [*a, e], condition: 1 of them}\n",
    b"title: X\n" + _LOG + b"detection: {a: {B|wide|base64offset|contains: x*y, C|re|i: '(a|b){3}'}, condition: a}\n",
    b"title: B\nname: b\n" + _LOG + b"detection: {a: {B|exists: true}, condition: a}\n---\ntitle: C\n"
    b"correlation: {type: event_count, rules: [b], group-by: [C], timespan: 5m, condition: {gte: 2}}\n",
    b"title: B\nname: b\n" + _LOG + b"detection: {a: {B: '*'}, condition: a}\n---\ntitle: D\nname: d\n" + _LOG
    + b"detection: {k: [x, 'y*'], f: {User|fieldref: B}, condition: k or not f}\n---\ntitle: C\ncorrelation: {type: "
    b"temporal_ordered, rules: [b, d], generate: true, aliases: {u: {b: User, d: C}}, group-by: [u], timespan: 1h}\n",
    b"title: P\nname: p\n" + _LOG + b"detection: {a: {C|re: 'a+'}, condition: a}\n---\ntitle: V\ncorrelation: {type: "
    b"value_percentile, rules: [p], timespan: 1d, condition: {field: B, percentile: 95, gt: 3, lte: 9}}\n",
)  # fmt: skip
_EVENTS = (
    event(
        {"Image": r"C:\x\AnyDesk.exe", "CommandLine": "a -b /c", "B": "2024-01-02 03:04:05.678", "Data": ["x", "", "y"]}
    ),
    event({"User": None, "B": "", "C": "aab"}, record_id=2),
    event(
        {
            "User": "e",
            "B": "4",
            "C": ["e", "x y"],
            "EventID": 4688,
            "Provider_Name": "Microsoft-Windows-Security-Auditing",
        }
    ),
)


def _check(data: bytes) -> None:
    text, _, placeholders = data.partition(_CUT)
    try:
        rules, losses = rules_of([RuleFile("a.yml", text), RuleFile("placeholders.yml", placeholders)])
    except RuleError:
        return
    finally:
        compile_regex.cache_clear()
    assert {loss.kind for loss in losses} <= {LossKind.RULE, LossKind.LIMIT}
    _judge(rules)
    if crc32(data) % _SCREENED == 0:
        Sieve(Wanted(tuple(range(len(rules.rules)))), rules.rules).record(b"{}")


def _judge(rules: RuleSet) -> None:
    matcher, watch, observed = Matcher(rules, compile_regex), Watch(rules), Observed()
    made = (happened for rule in rules.rules[:_MOST_MADE] for happened in events_for(rule))
    for happened in (*_EVENTS, *made):
        said = matcher.judge(happened)
        for found in said:
            if isinstance(found, Hit):
                watch.note(found, observed)
        if len(said) < _MOST_JUDGED and all(isinstance(found, Hit) for found in said):
            with suppress(TimeoutError):  # the matcher looks at less, and may have been spared that
                expected = [rule for rule in rules.rules[:_MOST_JUDGED] if _true(rule, happened)]
                assert [found.rule for found in said if isinstance(found, Hit)][: len(expected)] == expected
    correlated(observed, rules)


def _true(rule: Rule, happened: Event) -> bool:
    return looks(rule, happened) and holds(rule.predicate, happened, compile_regex)


def _seeds() -> Iterator[bytes]:
    yield from _OWN
    yield from (path.read_bytes() for path in sorted((ROOT / "sigma_rules").rglob("*.yml"))[::9])


TARGET = Target(check=_check, seeds=_seeds, change=changing("rules"))
