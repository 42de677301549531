"""JSON to records: lines, lists, search responses and objects over several lines, in one pass and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

from detector.intake.frames import Broken, frames
from detector.intake.lines import lines
from detector.intake.shapes import Failure, Record, Unknown, is_own, is_wrapper, items
from detector.intake.tally import Tally
from detector.intake.tape import Tape
from detector.model.event import RawRecord
from detector.model.loss import Loss, LossKind


class JsonLog:
    """Reads one file. After iteration ``is_log`` says whether it was one, and ``why`` what it was if not.

    A file is a log when it holds a record of a spelling we know, an empty list, a search response (even without a hit), or
    something that looks like an event but is broken or foreign: that is named as a loss. What parses as JSON without any
    event in it (a manifest, a report, settings) is no log.
    """

    def __init__(self, tape: Tape, path: str, encoding: str) -> None:
        self._lines = lines(tape, encoding)
        self._path = path
        self._losses = Tally(path, "lines that could not be read")
        self._strangers = Tally(path, "values that are no event")
        self._wrapped = 0
        self._own = False
        self.records = 0

    @property
    def is_log(self) -> bool:
        """Whether any of it was, or may have been, a log."""
        found = self.records or self._wrapped or self._losses.count
        return bool(found or self._strangers.count) and not self.is_own

    @property
    def is_own(self) -> bool:
        """Whether it is a report that this program wrote, and nothing else."""
        return self._own and not self.records

    def __iter__(self) -> Iterator[RawRecord | Loss]:
        for frame in frames(self._lines):
            if isinstance(frame, Broken):
                self._losses.add(frame.kind, f"{self._path}: {frame.place}", frame.why, frame.count)
                continue
            self._own = self._own or (not self.records and is_own(frame.value))
            self._wrapped += is_wrapper(frame.value)
            for item in items(frame.value):
                if isinstance(item, Record):
                    self.records += 1
                    yield RawRecord(self._path, frame.place, item.shape, item.payload)
                else:
                    self._miss(item, frame.place)
        if self.is_log:
            yield from self._losses
            yield from self._strangers

    def _miss(self, item: Unknown | Failure, place: str) -> None:
        where = f"{self._path}: {place}"
        if isinstance(item, Failure):
            self._losses.add(LossKind.UNREADABLE, where, item.why, item.count)
        elif item.is_event or self.records:
            self._strangers.add(LossKind.UNPARSED, where, item.why)
