"""What one source gives, and how it is gathered: read, normalise, match. Harvests merge in any order to the same whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from detector.engine.correlate_observed import Observed
from detector.engine.correlate_watch import Watch
from detector.engine.coverage import Coverage
from detector.engine.match import Matcher
from detector.intake import Reading, Source, StoppedError, Tally
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from detector.model.report import Input
from detector.model.rule import RuleSet
from detector.normalize import normalize
from detector.rules import compile_regex
from detector.triage.fold import Folder
from detector.triage.sighting import AddressBook, sightings


@dataclass(frozen=True, slots=True)
class Window:
    """The time span to judge, UTC, both ends included; ``None`` leaves an end open."""

    since: datetime | None = None
    until: datetime | None = None

    def contains(self, time: datetime) -> bool:
        """Whether the time lies in it."""
        return (self.since is None or time >= self.since) and (self.until is None or time <= self.until)


@dataclass(slots=True)
class Harvest:
    """Everything that later stages need of the sources read so far."""

    inputs: list[Input] = field(default_factory=list)
    folder: Folder = field(default_factory=Folder)
    book: AddressBook = field(default_factory=AddressBook)
    coverage: Coverage = field(default_factory=Coverage)
    observed: Observed = field(default_factory=Observed)
    losses: list[Loss] = field(default_factory=list)
    records: int = 0
    judged: int = 0

    def merge(self, other: Harvest) -> None:
        """Take in another harvest."""
        self.inputs += other.inputs
        self.folder.merge(other.folder)
        self.book.merge(other.book)
        self.coverage.merge(other.coverage)
        self.observed.merge(other.observed)
        self.losses += other.losses
        self.records += other.records
        self.judged += other.judged


class Gatherer:
    """Gathers source after source with one matcher. ``stopped`` says whether the user wants to stop."""

    def __init__(self, rules: RuleSet, window: Window, stopped: Callable[[], bool] = lambda: False) -> None:
        self._matcher = Matcher(rules, compile_regex)
        self._watch = Watch(rules)
        self._window = window
        self._stopped = stopped

    def gather(self, source: Source) -> Harvest:
        """Read one source whole. What was read before an interruption is kept, and the rest named as a loss."""
        harvest = Harvest()
        self._matcher.begin(harvest.coverage)
        reading = Reading(source, self._stopped)
        seen = _Seen()
        no_events = Tally(source.path, "records that are no event")
        try:
            for event in self._events(reading, harvest, no_events):
                seen.add(event.time)
                if self._window.contains(event.time):
                    self._judge(event, harvest)
        except StoppedError:
            harvest.losses.append(interrupted(source))
        harvest.losses += [*no_events, *self._matcher.passed_over(source.path)]
        harvest.inputs.append(
            Input(source.path, reading.sha256, reading.bytes, reading.kind, harvest.records, seen.first, seen.last)
        )
        return harvest

    def _events(self, reading: Reading, harvest: Harvest, no_events: Tally) -> Iterator[Event]:
        for item in reading:
            if isinstance(item, Loss):
                harvest.losses.append(item)
                continue
            harvest.records += 1
            made = normalize(item)
            if isinstance(made, Loss):
                no_events.add(made.kind, made.where, made.why)
            else:
                yield made

    def _judge(self, event: Event, harvest: Harvest) -> None:
        harvest.judged += 1
        harvest.book.add(sightings(event))
        for found in self._matcher.judge(event):
            if isinstance(found, Hit):
                if self._watch.note(found, harvest.observed):
                    harvest.folder.add(found)
            else:
                harvest.losses.append(found)


def interrupted(source: Source) -> Loss:
    """The loss for a source that was not read, or not to its end, because the user stopped the run."""
    return Loss(LossKind.INTERRUPTED, source.path, "the run was stopped before this was read to its end; scan it again")


@dataclass(slots=True)
class _Seen:
    first: datetime | None = None
    last: datetime | None = None

    def add(self, time: datetime) -> None:
        self.first = time if self.first is None else min(self.first, time)
        self.last = time if self.last is None else max(self.last, time)
