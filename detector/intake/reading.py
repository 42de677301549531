"""One source, read once: opened, hashed, recognised, given to its reader."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from detector.intake.discover import reason
from detector.intake.screening import Passed, Screen
from detector.intake.source import STANDARD_INPUT, Source
from detector.intake.tape import Tape
from detector.model.event import RawRecord
from detector.model.loss import Loss, LossKind

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from detector.intake.parts import Part, Stretch
    from detector.intake.recognise import Recognised


class Reading:
    """Iterate once for the records and losses of a source. Raises nothing for whatever the source holds.

    ``stopped`` says whether the user wants to stop: then ``StoppedError`` is raised, between two blocks of the file.

    Known after iteration: ``sha256`` (hexadecimal) and ``bytes`` of what was read, the digest empty when it could not be
    read to its end; ``kind``:

    - ``evtx`` or ``ndjson`` for a log, whatever its name, also one of which nothing could be read but losses;
    - ``ignored`` for a file found in a folder that is plainly no log: text without time stamps on most of its lines, or JSON
      that parses whole and holds no event (notes, rules, manifests, reports). No loss, the file is named;
    - empty for what is no log otherwise: a ``Loss`` says so. That is anything the user named himself, any file that is not
      text, and text that looks like a log of another form (XML, CSV, time-stamped lines), which would be missed unseen.

    A file is read as long as it was when it was opened; what is written to it later is no part of it.

    With a ``screen`` what cannot matter is counted, not decoded: ``passed`` says how much. A ``part`` of a file has no
    digest; ``apart`` says afterwards whether it could be understood without the parts beside it, ``shows`` and ``open_end``
    are those of its :class:`~detector.intake.evtx_log.EvtxLog`.
    """

    def __init__(
        self,
        source: Source,
        stopped: Callable[[], bool] = lambda: False,
        screen: Screen | None = None,
        part: Part | None = None,
    ) -> None:
        self._source = source
        self._stopped = stopped
        self._screen = screen
        self._part = part
        self.passed = Passed()
        self.apart = True
        self.shows = self.open_end = False
        self.sha256 = ""
        self.bytes = 0
        self.kind = ""

    def __iter__(self) -> Iterator[RawRecord | Loss]:
        tape = None
        try:
            with self._open() as file:
                length = _length(file)
                if self._part is not None:
                    file.seek(self._part.start)
                    length = self._part.end - self._part.start
                hashed = self._part is None and (self._screen is None or self._screen.first)
                tape = Tape(file, length, self._stopped, hashed=hashed)
                yield from self._read(tape)
                tape.drain()
                self.sha256 = tape.sha256
                if length is not None and tape.position < length:
                    why = f"it became {length - tape.position} bytes shorter while it was read"
                    yield Loss(LossKind.TRUNCATED, self._source.path, why)
        except OSError as error:
            yield Loss(LossKind.UNREADABLE, self._source.path, reason(error))
        finally:
            self.bytes = tape.position if tape else 0

    def _open(self) -> AbstractContextManager[BinaryIO]:
        if self._source.path == STANDARD_INPUT:
            if sys.stdin is None:  # closed before the program began
                raise OSError(errno.EBADF, "standard input is closed")
            return nullcontext(sys.stdin.buffer)
        return open(self._source.place, "rb")

    def _read(self, tape: Tape) -> Iterator[RawRecord | Loss]:
        if self._part is None:
            yield from self._read_whole(tape)
        elif self._part.stretch is not None:
            yield from self._read_evtx(tape, self._part.stretch)
        else:
            yield from self._read_lines(tape, self._part)

    def _read_whole(self, tape: Tape) -> Iterator[RawRecord | Loss]:
        from detector.intake.recognise import HEAD, Kind, recognise  # noqa: PLC0415 - orjson loads when something is read

        found = recognise(tape.peek(HEAD))
        while found.kind is Kind.ZEROS and len(tape.peek(HEAD)) == HEAD:
            tape.read(HEAD - 4096)  # keeps the place of chunks
            found = recognise(tape.peek(HEAD))
        path = self._source.path
        if found.kind is Kind.ZEROS:
            why = "the file holds only zeros" if tape.peek(1) else "the file is empty"
            yield Loss(LossKind.EMPTY, path, why)
        elif found.kind is Kind.EVTX:
            yield from self._read_evtx(tape, None)
        elif found.kind is Kind.JSON:
            yield from self._read_json(tape, found)
        else:
            yield from self._no_log(found.why, plain_text=found.kind is Kind.TEXT)

    def _read_evtx(self, tape: Tape, stretch: Stretch | None) -> Iterator[RawRecord | Loss]:
        from detector.intake.evtx_log import EvtxLog  # noqa: PLC0415 - the parser loads when there is EVTX

        self.kind = "evtx"
        log = EvtxLog(tape, self._source.path, self._screen, stretch)
        self.passed = log.passed
        yield from log
        self.shows, self.open_end = log.shows, log.open_end

    def _read_lines(self, tape: Tape, part: Part) -> Iterator[RawRecord | Loss]:
        from detector.intake.json_log import JsonLog  # noqa: PLC0415 - orjson loads when something is read

        self.kind = "ndjson"
        log = JsonLog(tape, self._source.path, "utf-8", self._screen, first=part.index << 9)
        self.passed = log.passed
        yield from log
        self.apart = log.is_plain

    def _read_json(self, tape: Tape, found: Recognised) -> Iterator[RawRecord | Loss]:
        from detector.intake.json_log import JsonLog  # noqa: PLC0415 - orjson loads when something is read
        from detector.intake.recognise import OWN  # noqa: PLC0415

        tape.read(found.skip)
        self.kind = "ndjson"
        log = JsonLog(tape, self._source.path, found.encoding, self._screen)
        self.passed = log.passed
        yield from log
        if not log.is_log:
            self.kind = ""
            yield from self._no_log(OWN if log.is_own else "JSON without any Windows event", plain_text=True)

    def _no_log(self, why: str, *, plain_text: bool) -> Iterator[Loss]:
        if plain_text and not self._source.named:
            self.kind = "ignored"
        else:
            yield Loss(LossKind.NOT_A_LOG, self._source.path, why)


def holds_log(source: Source) -> bool:
    """Whether a file holds anything that is, or may be, a log: it is looked at as one found in a folder, to its first item."""
    return source.size > 0 and any(True for _ in Reading(replace(source, named=False)))


def _length(file: BinaryIO) -> int | None:
    """Bytes of a file, ``None`` for what has no length (a pipe)."""
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
