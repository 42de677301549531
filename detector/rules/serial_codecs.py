"""How a class is written and read: atoms by their content, tuples and dataclasses by the numbers of their parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain
from operator import attrgetter
from types import NoneType
from typing import Any, Protocol

from detector.rules.serial_classes import DATACLASSES, ENUMS
from detector.rules.serial_shapes import MisfitError, Shape, shapes

_ODD = "surrogatepass"


class Codec(Protocol):
    """One class. Everything is done for many values at once, because that is quick."""

    @property
    def tag(self) -> str:
        """What blocks of it begin with."""

    def parts(self, values: Sequence[Any]) -> Iterable[Any]:
        """The values these consist of."""

    def contents(self, values: Sequence[Any], numbers: Mapping[int, int]) -> list[Any]:
        """What each is, given the numbers of their parts by ``id()``: hashable, and the same for equal values only."""

    def columns(self, contents: Sequence[Any]) -> list[Any]:
        """What the block of these contents holds."""

    def read(self, columns: Sequence[Any], before: Sequence[Any]) -> list[Any]:
        """The values of a block, given all before. Raises ``ValueError``, ``TypeError`` or ``LookupError``."""


@dataclass(frozen=True, slots=True)
class _Atom:
    tag: str
    written: Callable[[Any], object]
    made: Callable[[Any], object]

    def parts(self, values: Sequence[Any]) -> Iterable[Any]:
        return ()

    def contents(self, values: Sequence[Any], numbers: Mapping[int, int]) -> list[Any]:
        return list(map(self.written, values))

    def columns(self, contents: Sequence[Any]) -> list[Any]:
        return [contents]

    def read(self, columns: Sequence[Any], before: Sequence[Any]) -> list[Any]:
        (column,) = columns
        return list(map(self.made, column))


@dataclass(frozen=True, slots=True)
class _Tuple:
    tag: str

    def parts(self, values: Sequence[Any]) -> Iterable[Any]:
        return chain.from_iterable(values)

    def contents(self, values: Sequence[Any], numbers: Mapping[int, int]) -> list[Any]:
        return [tuple([numbers[id(part)] for part in value]) for value in values]

    def columns(self, contents: Sequence[Any]) -> list[Any]:
        return [contents]

    def read(self, columns: Sequence[Any], before: Sequence[Any]) -> list[Any]:
        (rows,) = columns
        _check_numbers(list(chain.from_iterable(rows)))
        value = before.__getitem__
        return [tuple(map(value, row)) for row in rows]


class _Fields:
    """A dataclass. What its fields may hold is looked up when it is first read."""

    def __init__(self, tag: str, cls: type[Any]) -> None:
        self.tag = tag
        self._cls = cls
        self._fields = [attrgetter(field.name) for field in fields(cls)]

    def parts(self, values: Sequence[Any]) -> Iterable[Any]:
        return chain.from_iterable(map(field, values) for field in self._fields)

    def contents(self, values: Sequence[Any], numbers: Mapping[int, int]) -> list[Any]:
        if not self._fields:
            return [()] * len(values)
        columns = [[numbers[id(part)] for part in map(field, values)] for field in self._fields]
        return list(zip(*columns, strict=True))

    def columns(self, contents: Sequence[Any]) -> list[Any]:
        return list(zip(*contents, strict=True))

    def read(self, columns: Sequence[Any], before: Sequence[Any]) -> list[Any]:
        if not self._shapes:
            return [self._cls()]  # equal to all others, and equal values stand there once
        value = before.__getitem__
        arguments = []
        for shape, numbers in zip(self._shapes, columns, strict=True):
            _check_numbers(numbers)
            arguments.append(list(map(value, numbers)))
            shape.check(arguments[-1])
        if len(set(map(len, arguments))) > 1:
            raise MisfitError("columns of several lengths")
        return list(map(self._cls, *arguments))

    @cached_property
    def _shapes(self) -> tuple[Shape, ...]:
        return shapes(self._cls, DATACLASSES.values())


def _check_numbers(numbers: Sequence[Any]) -> None:
    """That a number is not too high, looking it up will show."""
    if not set(map(type, numbers)) <= {int}:
        raise MisfitError("what should be the number of a value is none")
    if numbers and min(numbers) < 0:
        raise MisfitError("a value before the first one")


def _text(value: str) -> object:
    """Itself, but in a list and as bytes when it holds half a surrogate pair, which JSON could not carry."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return (value.encode("utf-8", _ODD).hex(),)
    return value


def _read_text(content: Any) -> str:
    if type(content) is str:
        return content
    (digits,) = content
    return bytes.fromhex(digits).decode("utf-8", _ODD)


_BY_TYPE: dict[type, Codec] = {
    str: _Atom("text", _text, _read_text),
    int: _Atom("int", str, int),
    float: _Atom("float", repr, float),
    bool: _Atom("bool", repr, {"True": True, "False": False}.__getitem__),
    NoneType: _Atom("none", repr, {"None": None}.__getitem__),
    tuple: _Tuple("tuple"),
}
BY_TYPE: dict[type, Codec] = (
    _BY_TYPE
    | {cls: _Atom(tag, attrgetter("value"), cls) for tag, cls in ENUMS.items()}
    | {cls: _Fields(tag, cls) for tag, cls in DATACLASSES.items()}
)
BY_TAG: dict[str, Codec] = {codec.tag: codec for codec in BY_TYPE.values()}
