"""What one unit of work gives, and how it is gathered: read, normalise, match. Harvests merge in any order to the same whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from detector.app.units import Look, Unit
from detector.engine.correlate_observed import Observed
from detector.engine.correlate_watch import Watch
from detector.engine.coverage import Coverage
from detector.engine.match import Matcher
from detector.intake import STANDARD_INPUT, Reading, Source, StoppedError, Tally
from detector.model.event import Event, RawRecord
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from detector.model.report import Input
from detector.model.rule import RuleSet
from detector.normalize import normalize
from detector.rules import compile_regex
from detector.rules.cache import Cache
from detector.screen import RoutedSieve, Sieve, sieve
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
    """Everything that later stages need of what was read so far. ``records`` were decoded or passed over."""

    inputs: dict[str, Input] = field(default_factory=dict)
    folder: Folder = field(default_factory=Folder)
    book: AddressBook = field(default_factory=AddressBook)
    coverage: Coverage = field(default_factory=Coverage)
    observed: Observed = field(default_factory=Observed)
    losses: list[Loss] = field(default_factory=list)
    records: int = 0
    judged: int = 0
    blocks: int = 0
    screened: int = 0
    sifted: int = 0

    @property
    def whole(self) -> bool:
        """Whether every record was judged by every rule."""
        return not (self.screened or self.sifted)

    def merge(self, other: Harvest) -> None:
        """Take in another harvest."""
        for path, one in other.inputs.items():
            self.inputs[path] = _joined(self.inputs[path], one) if path in self.inputs else one
        self.folder.merge(other.folder)
        self.book.merge(other.book)
        self.coverage.merge(other.coverage)
        self.observed.merge(other.observed)
        self.losses += other.losses
        self.records += other.records
        self.judged += other.judged
        self.blocks += other.blocks
        self.screened += other.screened
        self.sifted += other.sifted


def _joined(one: Input, other: Input) -> Input:
    """Two parts of one file, or one that was read and its digest."""
    first = [time for time in (one.first_seen, other.first_seen) if time is not None]
    last = [time for time in (one.last_seen, other.last_seen) if time is not None]
    return Input(
        path=one.path,
        sha256=one.sha256 or other.sha256,
        bytes=one.bytes + other.bytes,
        kind=one.kind or other.kind,
        records=one.records + other.records,
        first_seen=min(first, default=None),
        last_seen=max(last, default=None),
    )


@dataclass(slots=True)
class Gathered:
    """A unit's harvest. ``again``: as a part the file could not be understood, and nothing of it counts.

    ``shows`` and ``open_end``: whether the part holds more than zeros, and whether it ends with some.
    """

    unit: Unit
    harvest: Harvest
    again: bool = False
    shows: bool = False
    open_end: bool = False


class Gatherer:
    """Gathers unit after unit with one matcher. ``stopped`` says whether the user wants to stop."""

    def __init__(
        self, rules: RuleSet, window: Window, stopped: Callable[[], bool] = lambda: False, cache: Cache | None = None
    ) -> None:
        self._rules = rules
        self._cache = cache or Cache()
        self._matcher = Matcher(rules, compile_regex)
        self._watch = Watch(rules)
        self._window = window
        self._stopped = stopped
        self._sieve: tuple[Look, Sieve | RoutedSieve | None] | None = None

    def gather(self, unit: Unit, look: Look) -> Gathered:
        """Read one unit whole. What was read before an interruption is kept, and the rest named as a loss."""
        harvest = Harvest()
        self._matcher.begin(harvest.coverage)
        screen = self._sieve_of(look) if unit.source.path != STANDARD_INPUT else None  # which is not read again
        reading = Reading(unit.source, self._stopped, screen, unit.part)
        path = unit.source.path
        seen = _Seen()
        no_events = Tally(path, "records that are no event")
        try:
            for record in self._records(reading, harvest, look):
                event = normalize(record)
                if isinstance(event, Loss):
                    no_events.add(event.kind, event.where, event.why)
                    continue
                seen.add(event.time)
                if self._window.contains(event.time):
                    self._judge(event, record.candidates, harvest)
            harvest.losses += _gone(unit, reading.bytes) if not look.first else ()
        except StoppedError:
            harvest.losses.append(interrupted(unit.source))
        gathered = Gathered(unit, harvest, shows=reading.shows, open_end=reading.open_end)
        if unit.part is not None and unit.part.stretch is None:
            gathered.again = not reading.apart or no_events.count > 0
        harvest.losses += [*(no_events if look.first else ()), *self._matcher.passed_over(path)]
        if look.first:
            self._count(harvest, unit, reading, seen)
        return gathered

    def prepare(self, look: Look, forms: Iterable[str]) -> None:
        """Make what a look at sources of these forms (``evtx``, ``ndjson``) needs, before there are copies of this process."""
        screen = self._sieve_of(look)
        if screen is not None:
            for form in forms:
                screen.prepare(form)

    def _sieve_of(self, look: Look) -> Sieve | RoutedSieve | None:
        if self._sieve is None or self._sieve[0] != look:
            self._sieve = (
                look,
                sieve(look.wanted, self._rules, self._cache.blob) if look.wanted is not None else None,
            )
        return self._sieve[1]

    def _records(self, reading: Reading, harvest: Harvest, look: Look) -> Iterator[RawRecord]:
        """Records to be judged. A later look leaves what could not be screened, which the first one judged whole.

        Of EVTX it names what is lost in chunks that the first one passed over, and what was lost there before.
        """
        for item in reading:
            if isinstance(item, RawRecord):
                harvest.records += look.first
                if look.first or item.candidates is not None:
                    yield item
            elif look.first or item.kind is LossKind.UNREADABLE or reading.kind == "evtx":
                harvest.losses.append(item)

    def _judge(self, event: Event, candidates: frozenset[int] | None, harvest: Harvest) -> None:
        harvest.judged += 1
        harvest.book.add(sightings(event))
        for found in self._matcher.judge(event, candidates):
            if isinstance(found, Hit):
                if self._watch.note(found, harvest.observed):
                    harvest.folder.add(found)
            else:
                harvest.losses.append(found)

    @staticmethod
    def _count(harvest: Harvest, unit: Unit, reading: Reading, seen: _Seen) -> None:
        passed = reading.passed
        for time in (passed.first, passed.last):
            if time is not None:
                seen.add(time)
        harvest.records += passed.records
        harvest.blocks, harvest.screened, harvest.sifted = passed.blocks, passed.screened, passed.sifted
        path = unit.source.path
        harvest.inputs[path] = Input(
            path, reading.sha256, reading.bytes, reading.kind, harvest.records, seen.first, seen.last
        )


def digested(unit: Unit, sha256: str) -> Gathered:
    """What the digest of a file read in parts gives."""
    path = unit.source.path
    return Gathered(unit, Harvest(inputs={path: Input(path, sha256, 0, "", 0, None, None)}))


def interrupted(source: Source) -> Loss:
    """The loss for a source that was not read, or not to its end, because the user stopped the run."""
    return Loss(LossKind.INTERRUPTED, source.path, "the run was stopped before this was read to its end; scan it again")


def _gone(unit: Unit, read: int) -> Iterator[Loss]:
    """The loss for what was there for the first look and is not any more."""
    if 0 < read < unit.size:
        why = f"it became {unit.size - read} bytes shorter before it was read again"
        yield Loss(LossKind.TRUNCATED, unit.source.path, why)


@dataclass(slots=True)
class _Seen:
    first: datetime | None = None
    last: datetime | None = None

    def add(self, time: datetime) -> None:
        if self.first is None or self.last is None:
            self.first = self.last = time
        elif time < self.first:
            self.first = time
        elif time > self.last:
            self.last = time
