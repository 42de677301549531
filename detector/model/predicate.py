"""What a Sigma rule asks of an event, as pure data: no pySigma object, no compiled pattern.

A predicate is a tree of :class:`AllOf`, :class:`AnyOf`, :class:`Not` over the two leaves :class:`FieldTest` (one
field) and :class:`KeywordTest` (any field). What a leaf asks is one of the ``Test`` values. Modifiers are already
applied: ``contains`` has become wildcards, ``windash`` and ``base64offset`` have become alternatives (many dashes in
one value: wildcards). A new class takes a line in ``rules/serial_classes.py``.

Meanings (Sigma specification 2.1.0, "Sigma Rules Specification" and "Sigma Modifiers"):

- text is compared without case, by code point lower-casing (never by ``re.IGNORECASE``), unless ``cased``;
- a field with several values matches if any one value does; absent is not null; ``Not`` is two-valued.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Wildcard(StrEnum):
    """A wildcard inside a :class:`Like` pattern."""

    MANY = "*"  # any number of characters, also none
    ONE = "?"  # exactly one character
    DASH = "-"  # exactly one of DASHES


#: What ``windash`` takes for one another: hyphen, slash, en dash, em dash, horizontal bar.
DASHES = "-/\u2013\u2014\u2015"


@dataclass(frozen=True, slots=True)
class Like:
    """Text with wildcards. ``parts`` mixes literal text and :class:`Wildcard`; no wildcard means the whole value.

    Note that ``Wildcard`` is a ``str`` too: test ``isinstance(part, Wildcard)`` first.
    """

    parts: tuple[str | Wildcard, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, searched anywhere in the value. ``flags`` is a subset of ``ims``; case counts without i."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Cidr:
    """The value is an address inside this network (``192.0.2.0/24``, ``2001:db8::/32``)."""

    network: str


class Comparison(StrEnum):
    """Numeric comparison operators of Sigma."""

    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"


@dataclass(frozen=True, slots=True)
class Compare:
    """The value, read as a decimal or ``0x`` number, stands so to ``number``. A value that is no number: false."""

    comparison: Comparison
    number: float


class Unit(StrEnum):
    """The parts of a timestamp, in UTC. ``WEEK`` is ISO 8601's (1 to 53), ``YEAR`` the calendar's."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class TimePart:
    """The value is a timestamp whose ``unit`` lies between ``first`` and ``last``, both included."""

    unit: Unit
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class IsNull:
    """The field is absent or null (Sigma: ``field: null``)."""


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is in the event (``expected`` true) or is not."""

    expected: bool


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The value equals (or starts/ends with/contains) the value of another field of the same event."""

    other: str
    mode: str = "equals"  # equals | startswith | endswith | contains
    cased: bool = False


Test = Like | Regex | Cidr | Compare | TimePart | IsNull | Exists | FieldRef


@dataclass(frozen=True, slots=True)
class FieldTest:
    """One field, one test."""

    field: str
    test: Test


@dataclass(frozen=True, slots=True)
class KeywordTest:
    """Any value of the event contains this (Sigma keywords; unbound values). ``test`` is a Like or a Regex."""

    test: Like | Regex


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds. Empty: true."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds. Empty: false."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Predicate


Predicate = AllOf | AnyOf | Not | FieldTest | KeywordTest
