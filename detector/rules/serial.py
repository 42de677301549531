"""Rule sets to bytes and back: text without code, so that bytes from outside can at worst be refused.

The form is JSON, a list of blocks. A block is ``[tag, column, ...]``: values of one class, a column a field, and a field
is the number of a value in an earlier block; the last value is the whole. So equal values stand there once, nothing
nests, and reading is a few passes over lists, however deep a rule is.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, TypeVar

import orjson

from detector.rules.serial_codecs import BY_TAG, BY_TYPE
from detector.rules.uncollected import uncollected

#: Counts up with every change of the form.
VERSION = 1

_Value = TypeVar("_Value")


class SerialError(ValueError):
    """No value in the serial form, or not one of the class asked for; or a value that has no serial form."""


@uncollected()
def to_bytes(whole: object) -> bytes:
    """The serial form of a value of one of the classes of ``serial_classes.py``. Equal values have the same.

    Raises :class:`SerialError` when something in it is of another class.
    """
    numbers: dict[int, int] = {}  # by id(): every part lives as long as the whole
    known: dict[str, dict[Any, int]] = {tag: {} for tag in BY_TAG}
    blocks: list[list[Any]] = []
    count = 0
    for values in reversed(_waves(whole)):
        codec = BY_TYPE[type(values[0])]
        contents = codec.contents(values, numbers)
        mine = known[codec.tag]
        fresh = [content for content in dict.fromkeys(contents) if content not in mine]
        mine.update((content, number) for number, content in enumerate(fresh, count))
        numbers.update(zip(map(id, values), map(mine.__getitem__, contents), strict=True))
        count += len(fresh)
        if fresh:
            blocks.append([codec.tag, *codec.columns(fresh)])
    return orjson.dumps(blocks)


def _waves(whole: object) -> list[list[Any]]:
    """The values a value consists of, those of one class together, whatever consists of others before those.

    No recursion: rules nest deeper than Python likes to. A value that several others share may come more than once.
    """
    waves: list[list[Any]] = []
    wave = [whole]
    while wave:
        classes: dict[type, list[Any]] = {}
        for value in wave:
            classes.setdefault(type(value), []).append(value)
        if unknown := classes.keys() - BY_TYPE.keys():
            names = ", ".join(sorted(cls.__name__ for cls in unknown))
            raise SerialError(f"no codec for {names}: say in serial_classes.py how it is written")
        waves += [classes[cls] for cls in sorted(classes, key=lambda cls: BY_TYPE[cls].tag)]
        parts = chain.from_iterable(BY_TYPE[cls].parts(values) for cls, values in classes.items())
        wave = list({id(part): part for part in parts}.values())
    return waves


@uncollected()
def from_bytes(data: bytes, kind: type[_Value]) -> _Value:
    """The value of class ``kind`` that these bytes are the serial form of. Raises :class:`SerialError`, and nothing else."""
    values: list[Any] = []
    try:
        for tag, *columns in orjson.loads(data):
            values += BY_TAG[tag].read(columns, values)
        whole = values[-1]
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise SerialError(f"not the serial form of a rule set: {error}") from error
    if type(whole) is not kind:
        raise SerialError(f"the serial form of a {type(whole).__name__}, not of a {kind.__name__}")
    return whole
