"""JSON to records: lines, lists, search responses and objects over several lines, in one pass and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

from detector.intake.frames import Broken, Frame, Framer
from detector.intake.lines import Liner, blocks
from detector.intake.screening import Passed, Screen, is_sample
from detector.intake.shapes import Failure, Record, Unknown, is_own, is_wrapper, items
from detector.intake.tally import Tally
from detector.intake.tape import Tape
from detector.model.event import RawRecord
from detector.model.loss import Loss, LossKind

_Line = tuple[int, bytes, frozenset[int] | None]


class JsonLog:
    """Reads one file. After iteration ``is_log`` says whether it was one, and ``why`` what it was if not.

    A file is a log when it holds a record of a spelling we know, an empty list, a search response (even without a hit), or
    something that looks like an event but is broken or foreign: that is named as a loss. What parses as JSON without any
    event in it (a manifest, a report, settings) is no log.

    With a screen, blocks of lines that cannot matter are not decoded (an object on each line, in UTF-8: the form in which
    shippers write); ``passed`` counts them, whatever they are: among them a line is decoded only if it does not look whole.
    (One that was cut off right behind a bracket or a colon does.) ``first`` is the number of the file's block with which
    the tape begins.
    """

    def __init__(self, tape: Tape, path: str, encoding: str, screen: Screen | None = None, first: int = 0) -> None:
        self._blocks = blocks(tape, encoding)
        self._screen = screen if encoding == "utf-8" else None
        self._first = first
        self._path = path
        self._losses = Tally(path, "lines that could not be read")
        self._strangers = Tally(path, "values that are no event")
        self._framer = Framer()
        self._liner = Liner()
        self._wrapped = 0
        self._own = False
        self.passed = Passed()
        self.records = 0
        self.single_lines = True
        self._last: tuple[int, bytes] | None = None  # passed over, and nothing after it yet

    @property
    def is_log(self) -> bool:
        """Whether any of it was, or may have been, a log."""
        found = self.records or self._wrapped or self._losses.count
        return bool(found or self._strangers.count) and not self.is_own

    @property
    def is_plain(self) -> bool:
        """Whether every line was an event or nothing, so that parts of the file can be read apart from each other."""
        return (
            self.single_lines
            and self._framer.idle
            and not (self._losses.count or self._strangers.count or self._wrapped)
        )

    @property
    def is_own(self) -> bool:
        """Whether it is a report that this program wrote, and nothing else."""
        return self._own and not self.records

    def __iter__(self) -> Iterator[RawRecord | Loss]:
        for number, line, candidates in self._lines():
            alone = self._framer.idle
            self.single_lines = self.single_lines and alone
            for frame in self._framer.feed(number, line):
                of_line = alone or frame.place == f"line {number}"
                yield from self._records(frame, candidates if of_line else None)
        for broken in self._framer.finish():
            yield from self._records(broken, None)
        if self.is_log:
            yield from self._losses
            yield from self._strangers

    def _records(self, frame: Frame | Broken, candidates: frozenset[int] | None) -> Iterator[RawRecord]:
        if isinstance(frame, Broken):
            self._losses.add(frame.kind, f"{self._path}: {frame.place}", frame.why, frame.count)
            return
        self._own = self._own or (not self.records and is_own(frame.value))
        self._wrapped += is_wrapper(frame.value)
        for item in items(frame.value):
            if isinstance(item, Record):
                self.records += 1
                yield RawRecord(self._path, frame.place, item.shape, item.payload, candidates)
            else:
                self._miss(item, frame.place)

    def _lines(self) -> Iterator[_Line]:
        """Each line that is to be decoded, with the rules to judge what it holds by; what a file ends with always is."""
        for number, block in enumerate(self._blocks, self._first):
            self.passed.blocks += bool(block)
            screen = self._screen if self._liner.between and self._framer.idle else None
            sample = is_sample(number)
            if not block:
                continue
            last, self._last = self._last, None
            if last is not None and not block.startswith(b"{"):  # it was no end of an object
                self.passed.records -= 1
                yield *last, None
            if screen is None or not _may_skip(block) or (sample and screen.first):
                yield from self._whole(block)
            elif sample or not screen.lines(block):
                self._pass_over(block)
            elif _is_plain(block):
                yield from self._sifted(screen, block)
            else:
                yield from self._whole(block)
        if self._last is not None:
            self.passed.records -= 1
            yield *self._last, frozenset()
        yield from ((place, line, None) for place, line in self._liner.finish())

    def _whole(self, block: bytes) -> Iterator[_Line]:
        yield from ((place, line, None) for place, line in self._liner.feed(block))

    def _pass_over(self, block: bytes) -> None:
        self.passed.screened += 1
        count = _lines_of(block)
        self._liner.skip(count)
        self.passed.records += count
        self._last = self._liner.number - 1, block[block.rfind(b"\n", 0, -1) + 1 :].strip()

    def _sifted(self, screen: Screen, block: bytes) -> Iterator[_Line]:
        self.passed.sifted += 1
        lines = list(self._liner.feed(block))
        for (place, line), candidates in zip(lines, screen.sift([line for _, line in lines]), strict=True):
            if not (line.startswith(b"{") and line.endswith(b"}")):
                yield place, line, None
            elif candidates is False and self._framer.idle:
                self.passed.records += 1
                self._last = place, line
            else:  # or it shows that the lines before it are broken
                self._last = None
                yield place, line, None if candidates is False else candidates

    def _miss(self, item: Unknown | Failure, place: str) -> None:
        where = f"{self._path}: {place}"
        if isinstance(item, Failure):
            self._losses.add(LossKind.UNREADABLE, where, item.why, item.count)
        elif item.is_event or self.records or self.passed.records:
            self._strangers.add(LossKind.UNPARSED, where, item.why)


def _lines_of(block: bytes) -> int:
    """How many line ends: few, so that looking for each is faster than looking at each byte."""
    count, place = 0, block.find(b"\n")
    while place >= 0:
        count, place = count + 1, block.find(b"\n", place + 1)
    return count


def _may_skip(block: bytes) -> bool:
    """Whether it may be lines of one object each; the screen looks at what is between."""
    return block.startswith(b"{") and block.endswith((b"}\n", b"}\r\n"))


def _is_plain(block: bytes) -> bool:
    """Whether each of its lines, which may be skipped, is an object by itself."""
    end = block.find(b"\n")
    while 0 <= end < len(block) - 1:
        closed = block[end - 1] == _CLOSE or block.endswith(b"}\r", 0, end)
        if not closed or block[end + 1] != _OPEN:
            return False
        end = block.find(b"\n", end + 1)
    return True


_OPEN, _CLOSE = b"{}"
