"""Lines to JSON values: one a line, or one over several lines, or the elements of a list.

A line that is a value by itself is taken as such, so a broken line costs that line only. A line that opens more than it
closes may be the first of several (pretty-printed) or cut off: lines are gathered until all is closed, or until a
line stands by itself, which shows that what was gathered was broken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from detector.intake.lines import LONGEST, Hole, TooLong
from detector.model.loss import LossKind

#: What evtx_dump writes between the records of its pretty-printed form.
_SEPARATOR = re.compile(rb"Record \d+\s*")
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
#: Before a line that begins a file of its own (files put one behind the other), and before a value in RFC 7464's form.
_MARKS = (b"\xef\xbb\xbf", b"\x1e")
_BLANK = re.compile(r"\s*")
_NEXT_OBJECT = re.compile(rb"\}\s*\{")
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Frame:
    """A value, and where it was: ``line 17``."""

    place: str
    value: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """A line, or several, that give no value. ``count`` is how many lines."""

    kind: LossKind
    place: str
    why: str
    count: int = 1


def decode(text: bytes) -> Any:
    """The value of a JSON text; ``_NOTHING`` when it is none.

    Shippers write what strict JSON forbids (``NaN``, half of a character pair, bytes that are not UTF-8), and a hostile
    file name can make them: that is mended (``"NaN"``, ``?``, U+FFFD), not refused.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        loose = json.loads(text.decode("utf-8", "replace"), parse_constant=str)
        return orjson.loads(json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return _NOTHING


class Framer:
    """Feed it a text's lines with their numbers, in order; then finish. ``idle`` says that nothing is half read."""

    def __init__(self) -> None:
        self._gathered: list[bytes] = []
        self._first = 0
        self._size = 0
        self._depth = 0
        self._in_list = False
        self._at_start = True  # nothing has come yet: only here a bracket opens a list of the whole file

    @property
    def idle(self) -> bool:
        """Whether the next line stands by itself."""
        return not (self._gathered or self._in_list)

    def feed(self, number: int, line: bytes) -> Iterator[Frame | Broken]:
        """The values that this line ends."""
        if isinstance(line, TooLong):
            yield from self._give_up(number)
            why = f"a line longer than {LONGEST >> 20} MiB was passed over; put one event on each line"
            yield Broken(LossKind.LIMIT, f"line {number}", why)
            return
        if isinstance(line, Hole):
            why = "zeros stand before this line: what was there is lost, copy the file again from where it came"
            yield Broken(LossKind.DAMAGED, f"line {number}", why)
            return
        for mark in _MARKS:
            line = line.removeprefix(mark)
        text = line.strip()
        if self._gathered:
            yield from self._carry_on(number, line, text)
        elif text and not _SEPARATOR.fullmatch(text):
            yield from self._begin(number, text)

    def finish(self) -> Iterator[Broken]:
        """What was begun and not ended."""
        if self._gathered:
            lines = "the last line" if len(self._gathered) == 1 else f"the object begun on line {self._first}"
            yield Broken(LossKind.TRUNCATED, f"line {self._first}", f"{lines} is cut off", len(self._gathered))
        elif self._in_list:
            yield Broken(LossKind.TRUNCATED, "the last line", "the list is not closed: the file is cut off")

    def _begin(self, number: int, text: bytes) -> Iterator[Frame | Broken]:
        at_start, self._at_start = self._at_start, False
        values, text = _values(text)
        yield from (Frame(f"line {number}", value) for value in values)
        if not text:
            return
        if at_start and text.startswith(b"["):
            self._in_list = True
            text = text[1:].strip()
            if text:
                yield from self._begin(number, text)
            return
        depth = _depth(text)
        if self._in_list and depth < 0:
            self._in_list = False
            text = text.rstrip(b"]").strip(b", \t")
            if text:
                yield from self._begin(number, text)
        elif depth > 0:
            self._gathered, self._first, self._depth, self._size = [text], number, depth, len(text)
        elif text != b",":
            yield Broken(LossKind.UNPARSED, f"line {number}", "the line is not JSON")

    def _carry_on(self, number: int, line: bytes, text: bytes) -> Iterator[Frame | Broken]:
        alone = decode(line) if line.startswith(b"{") else _NOTHING
        if (isinstance(alone, dict) and alone) or _SEPARATOR.fullmatch(text):
            yield from self._give_up(number)
            yield from self.feed(number, line)
            return
        self._gathered.append(line)
        self._size += len(line)
        self._depth += _depth(text)
        if self._size > LONGEST:
            why = f"an object larger than {LONGEST >> 20} MiB was passed over; put one event on each line"
            yield Broken(LossKind.LIMIT, f"line {self._first}", why, len(self._gathered))
            self._gathered = []
        elif self._depth <= 0:
            yield from self._close(number)

    def _close(self, number: int) -> Iterator[Frame | Broken]:
        whole, count, ends = b"\n".join(self._gathered).strip(), len(self._gathered), self._in_list and self._depth < 0
        self._gathered = []
        if ends:
            self._in_list = False
            whole = whole.removesuffix(b"]")
        place = f"line {self._first}"
        values, rest = _values(whole)
        yield from (Frame(place, value) for value in values)
        if rest:
            yield Broken(LossKind.UNPARSED, place, f"lines {self._first} to {number} are not JSON", count)

    def _give_up(self, number: int) -> Iterator[Broken]:
        if self._gathered:
            count, self._gathered = len(self._gathered), []
            what = "the line is" if count == 1 else f"lines {self._first} to {number - 1} are"
            yield Broken(LossKind.UNPARSED, f"line {self._first}", f"{what} not JSON: cut off", count)


def _values(text: bytes) -> tuple[list[Any], bytes]:
    """The values of a text, and what is left of it (all of it, when it is no JSON).

    That is one value; elements of a list with commas between or behind them; or objects one behind the other with nothing
    between, as some cloud deliveries write them.
    """
    value = decode(text)
    if value is _NOTHING and b"," in (text[:1], text[-1:]):
        value = decode(b"[" + text.strip(b", \t") + b"]")
    if value is not _NOTHING:
        return [value], b""
    return _objects(text) if _NEXT_OBJECT.search(text) else ([], text)


def _objects(text: bytes) -> tuple[list[Any], bytes]:
    whole, place, found = text.decode("utf-8", "replace"), 0, []
    scanner = json.JSONDecoder(parse_constant=str)
    while whole.startswith("{", place):
        try:
            end = scanner.raw_decode(whole, place)[1]
        except (ValueError, RecursionError):
            break
        value = decode(whole[place:end].encode("utf-8", "replace"))
        if value is _NOTHING:
            break
        found.append(value)
        gap = _BLANK.match(whole, end)
        place = gap.end() if gap else end
    return found, whole[place:].encode("utf-8", "replace")


def _depth(text: bytes) -> int:
    """How many brackets the text opens more than it closes."""
    bare = _STRINGS.sub(b"", text)
    opened = bare.count(b"{") + bare.count(b"[")
    return opened - bare.count(b"}") - bare.count(b"]")
