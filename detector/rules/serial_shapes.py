"""What the fields of a class may hold, as their annotations say, and whether values read from outside are that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from itertools import chain
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

_SCALARS: dict[object, frozenset[type]] = {
    str: frozenset({str}),
    int: frozenset({int}),
    float: frozenset({float, int}),  # as type checkers read it
    bool: frozenset({bool}),
    NoneType: frozenset({NoneType}),
}


class MisfitError(ValueError):
    """Values that a field cannot hold."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Values of exactly these types. A tuple among them has members of one shape, or as many as there are ``places``."""

    types: frozenset[type]
    members: Shape | None = None
    places: tuple[Shape, ...] = ()

    def check(self, values: Sequence[object]) -> None:
        """Raise :class:`MisfitError` unless all values are of this shape. Whole columns at once, because that is quick."""
        kinds = set(map(type, values))
        if not kinds <= self.types:
            raise MisfitError(f"{', '.join(kind.__name__ for kind in kinds - self.types)} where it cannot be")
        if tuple not in kinds:
            return
        tuples: list[tuple[object, ...]] = [value for value in values if type(value) is tuple]
        if self.members is not None:
            self.members.check(list(chain.from_iterable(tuples)))
        elif set(map(len, tuples)) != {len(self.places)}:
            raise MisfitError("a tuple of another length")
        else:
            for place, column in zip(self.places, zip(*tuples, strict=True), strict=True):
                place.check(column)


def shapes(cls: type, classes: Iterable[type]) -> tuple[Shape, ...]:
    """The shapes of a dataclass's fields, in the order of its constructor. Raises ``TypeError`` for what has none.

    ``classes`` are those its annotations may name, though its module imports them for type checkers only.
    """
    try:
        hints = get_type_hints(cls, localns={one.__name__: one for one in classes})
    except NameError as error:
        raise TypeError(f"{cls.__name__}: {error}; add it to serial_classes.py") from error
    for field in fields(cls):
        if field.kw_only or not field.init:
            raise TypeError(f"{cls.__name__}.{field.name} is not given by position")
    return tuple(_shape(hints[field.name], f"{cls.__name__}.{field.name}") for field in fields(cls))


def _shape(hint: Any, where: str) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _either([_shape(argument, where) for argument in arguments], where)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return Shape(frozenset({tuple}), members=_shape(arguments[0], where))
    if origin is tuple:
        return Shape(frozenset({tuple}), places=tuple(_shape(argument, where) for argument in arguments))
    if hint in _SCALARS:
        return Shape(_SCALARS[hint])
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, Enum)):
        return Shape(frozenset({hint}))
    raise TypeError(f"{where}: the serial form knows no {hint}; say in serial_shapes.py how it is checked")


def _either(options: list[Shape], where: str) -> Shape:
    tuples = [option for option in options if tuple in option.types]
    if len(tuples) > 1:
        raise TypeError(f"{where}: two kinds of tuple cannot be told apart")
    types = frozenset(chain.from_iterable(option.types for option in options))
    return Shape(types, tuples[0].members, tuples[0].places) if tuples else Shape(types)
