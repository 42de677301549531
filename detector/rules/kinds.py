"""Modifiers that say what a value is (a regular expression, a network, a number, a part of a time ...), one value to one test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from detector.model.predicate import Cidr, Compare, Comparison, Exists, FieldRef, Regex, Test, TimePart, Unit
from detector.rules.problem import RuleProblemError, quoted
from detector.rules.regexes import RegexError, compile_regex

FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
PLACES = frozenset({"contains", "startswith", "endswith"})
COMPARISONS = frozenset(map(str, Comparison))

#: Logs show no larger numbers.
_LARGEST = 2**64
#: Characters of a regular expression.
_LONGEST_PATTERN = 20_000
#: What a part of a timestamp can be. ISO's weeks go up to 53, where the specification says 52.
_RANGES = {
    Unit.MINUTE: (0, 59),
    Unit.HOUR: (0, 23),
    Unit.DAY: (1, 31),
    Unit.WEEK: (1, 53),
    Unit.MONTH: (1, 12),
    Unit.YEAR: (1, 9999),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of test is made of a value and all its modifiers, and which others go with it.

    ``cost`` counts in tests: what it takes to compile. ``raw``: the value is no Sigma string.
    """

    make: Callable[[object, Sequence[str]], Test]
    companions: frozenset[str] = frozenset()
    cost: int = 1
    raw: bool = True


def _regex(value: object, modifiers: Sequence[str]) -> Regex:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RuleProblemError("'re' needs a regular expression as text")
    test = Regex(str(value), "".join(sorted({FLAGS[modifier] for modifier in modifiers if modifier in FLAGS})))
    if len(test.pattern) > _LONGEST_PATTERN:
        raise RuleProblemError(f"a regular expression of more than {_LONGEST_PATTERN:,} characters")
    try:
        compile_regex(test)
    except RegexError as error:
        raise RuleProblemError(f"no regular expression: {error}") from error
    return test


def _cidr(value: object, _modifiers: Sequence[str]) -> Cidr:
    if not isinstance(value, str):
        raise RuleProblemError("'cidr' needs a network as text, such as 10.0.0.0/8")
    try:
        return Cidr(str(ip_network(value)))
    except ValueError:
        try:
            hint = f"did you mean {ip_network(value, strict=False)}?"
        except ValueError:
            hint = ""
        raise RuleProblemError(f"{quoted(value)} is no network", hint=hint) from None


def _compare(comparison: Comparison) -> Callable[[object, Sequence[str]], Compare]:
    def make(value: object, _modifiers: Sequence[str]) -> Compare:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RuleProblemError(f"{comparison.value!r} needs a number, without quotes")
        if not -_LARGEST <= value <= _LARGEST:
            raise RuleProblemError(f"{comparison.value!r} needs a number of at most 64 bits")
        return Compare(comparison, value)

    return make


def _time_part(unit: Unit) -> Callable[[object, Sequence[str]], TimePart]:
    low, high = _RANGES[unit]

    def make(value: object, modifiers: Sequence[str]) -> TimePart:
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleProblemError(f"{unit.value!r} needs a whole number, without quotes")
        match [modifier for modifier in modifiers if modifier in COMPARISONS]:
            case []:
                first, last = value, value
            case ["lt"]:
                first, last = low, value - 1
            case ["lte"]:
                first, last = low, value
            case ["gt"]:
                first, last = value + 1, high
            case ["gte"]:
                first, last = value, high
            case several:
                raise RuleProblemError(f"{several[1]!r} does not go with {several[0]!r}")
        if not low <= first <= last <= high:
            raise RuleProblemError(f"{unit.value!r} is {low} to {high}: {quoted(value)} asks for none of these")
        return TimePart(unit, first, last)

    return make


def _exists(value: object, _modifiers: Sequence[str]) -> Exists:
    if not isinstance(value, bool):
        raise RuleProblemError("'exists' needs true or false, without quotes")
    return Exists(value)


def _reference(value: object, modifiers: Sequence[str]) -> FieldRef:
    if not isinstance(value, str) or not value:
        raise RuleProblemError("'fieldref' needs the name of a field")
    places = PLACES.intersection(modifiers)
    mode = "contains" if len(places) > 1 else next(iter(places), "equals")
    return FieldRef(value, mode, "cased" in modifiers)


KINDS: dict[str, Kind] = {
    "re": Kind(_regex, frozenset({*FLAGS, "contains"}), cost=1_000),
    "cidr": Kind(_cidr),
    "exists": Kind(_exists),
    "fieldref": Kind(_reference, frozenset({*PLACES, "cased"})),
    **{unit.value: Kind(_time_part(unit), COMPARISONS) for unit in Unit},
    **{comparison.value: Kind(_compare(comparison)) for comparison in Comparison},
}
