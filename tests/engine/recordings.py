"""The matcher against the reference on real recordings: ``python -m tests.engine.recordings [EVERY]``.

All public rules and all of the pack on each event (or every so many) of the recordings in the shared folder: some minutes for
all. Prints how many event-and-rule pairs that was, of which the rule looks at the event, and what differs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from evtx import PyEvtxParser

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.model.event import Event, RawRecord, Shape
from detector.model.hit import Hit
from detector.model.rule import RuleSet
from detector.normalize import normalize
from detector.rules import builtin_rules, compile_regex, load_rules

from .events import looks
from .expected import shown

SHARED = Path(os.environ.get("RMM_DETECTORSHARED", Path(__file__).resolve().parents[3] / "shared"))


def recordings(shared: Path) -> list[Path]:
    """The real EVTX files."""
    return sorted((shared / "data" / "evtx-attack-samples").rglob("*.evtx"))


def events_in(file: Path) -> Iterator[Event]:
    """Its records, normalised."""
    records: Iterable[Any] = PyEvtxParser(str(file)).records_json()
    for record in records:
        one = normalize(RawRecord(file.name, "", Shape.WINLOG, orjson.loads(record["data"])))
        assert isinstance(one, Event)
        yield one


def all_rules(shared: Path) -> RuleSet:
    """The pack's and the public ones."""
    return load_rules([builtin_rules(), shared / "data" / "sigmahq"])[0]


def compare(rules: RuleSet, events: Sequence[Event]) -> tuple[int, int, list[str]]:
    """How many pairs, how many hits, and what differs: which rules hit, and the fields that hits show."""
    matcher = Matcher(rules, compile_regex)
    pairs = hits = 0
    differences = []
    for event in events:
        looking = [rule for rule in rules.rules if looks(rule, event)]
        expected = [rule for rule in looking if holds(rule.predicate, event, compile_regex)]
        said = [one for one in matcher.judge(event) if isinstance(one, Hit)]
        pairs, hits = pairs + len(looking), hits + len(said)
        if [hit.rule for hit in said] != expected:
            named = {hit.rule.id for hit in said} ^ {rule.id for rule in expected}
            differences.append(f"{event.ref}: {sorted(named)}")
        differences += [
            f"{event.ref}: {hit.rule.id} shows {hit.fields}"
            for hit in said
            if hit.fields != shown(hit.rule.predicate, event, compile_regex)
        ]
    return pairs, hits, differences


def main() -> int:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    events = [event for file in recordings(SHARED) for event in events_in(file)][::every]
    begin = time.monotonic()
    pairs, hits, differences = compare(all_rules(SHARED), events)
    for line in differences:
        print(line)
    print(
        f"{len(events):,} events, {pairs:,} pairs, {hits:,} hits, {len(differences)} differences, "
        f"{time.monotonic() - begin:.0f} s"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
