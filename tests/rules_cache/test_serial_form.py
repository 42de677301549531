"""The serial form: every value comes back as it was, and no bytes give anything but a value of the class asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model.predicate import AllOf, AnyOf, Compare, Comparison, Like, Not, Predicate, Wildcard
from detector.rules.serial import SerialError, from_bytes, to_bytes
from detector.rules.serial_classes import DATACLASSES, ENUMS, Loaded
from detector.rules.serial_shapes import shapes
from tests.rules_cache.rule_strategies import loaded

CLASSES = [*DATACLASSES.values(), *ENUMS.values()]


def reachable(hint: Any, seen: set[type]) -> Iterator[type]:
    """The dataclasses and enumerations that a value of this annotation may hold."""
    for argument in get_args(hint):
        yield from reachable(argument, seen)
    if isinstance(hint, type) and hint not in seen and (is_dataclass(hint) or issubclass(hint, Enum)):
        seen.add(hint)
        yield hint
        for inner in get_type_hints(hint).values() if is_dataclass(hint) else ():
            yield from reachable(inner, seen)


def test_every_class_that_loading_gives_has_a_codec() -> None:
    """ "every dataclass reachable from RuleSet has a codec", and none is left of a class that is gone."""
    assert set(CLASSES) == set(reachable(Loaded, set()))


@pytest.mark.parametrize("cls", DATACLASSES.values(), ids=DATACLASSES)
def test_every_field_of_a_class_can_be_checked(cls: type[Any]) -> None:
    assert len(shapes(cls, DATACLASSES.values())) == len(fields(cls))


def test_no_tag_is_used_twice() -> None:
    assert len({*DATACLASSES, *ENUMS, "text", "int", "float", "bool", "none", "tuple"}) == len(CLASSES) + 6


@settings(max_examples=300, deadline=None)
@given(loaded)
def test_what_was_written_is_read_again(value: Loaded) -> None:
    """By ``repr`` too: ``Wildcard.MANY == "*"``, ``1 == True`` and ``0.0 == -0.0``, but they are not the same."""
    again = from_bytes(to_bytes(value), Loaded)
    assert repr(again) == repr(value)
    assert again == value or "nan" in repr(value)


@settings(max_examples=100, deadline=None)
@given(loaded)
def test_equal_values_have_the_same_bytes(value: Loaded) -> None:
    """ "Same input, same output, byte for byte"; what is shared in one and copied in the other too."""
    assert to_bytes(from_bytes(to_bytes(value), Loaded)) == to_bytes(value)


def test_equal_parts_are_read_as_one() -> None:
    """ "shared/interned leaves"."""
    many = AllOf(tuple(Not(AnyOf(())) for _ in range(100)))
    again = from_bytes(to_bytes(many), AllOf)
    assert again == many
    assert len(set(map(id, again.parts))) == 1
    assert len(to_bytes(many)) < 1000


def test_a_rule_may_nest_deeper_than_python_calls() -> None:
    deep: Predicate = AnyOf(())
    for _ in range(20_000):
        deep = Not(deep)
    again: Any = from_bytes(to_bytes(deep), Not)
    depth = 0
    while isinstance(again, Not):
        again, depth = again.part, depth + 1
    assert (again, depth) == (AnyOf(()), 20_000)


@pytest.mark.parametrize("value", [{"a": 1}, AllOf(({},)), Like((b"x",)), 1j, object], ids=repr)  # type: ignore[arg-type]
def test_what_has_no_codec_is_refused(value: object) -> None:
    with pytest.raises(SerialError, match="no codec for"):
        to_bytes(value)


LIKE, NUMBER = Like(("a", Wildcard.MANY)), Compare(Comparison.LT, 2**70)


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        {},
        None,
        ["like"],
        [[]],
        [["like"]],
        [["like", [], []]],
        [["gone", []]],
        [["like", [0], [1]]],
        [["tuple", [[]]], ["like", [0], [0]]],
        [["bool", ["False"]], ["text", ["a"]], ["tuple", [[1]]], ["like", [2], [-3]]],
        [["bool", ["False"]], ["text", ["a"]], ["tuple", [[1]]], ["like", [2, 2], [0]]],
        [["bool", ["False"]], ["text", ["a"]], ["tuple", [[1]]], ["like", [2], [0], [0]]],
        [["bool", ["False"]], ["text", ["a"]], ["tuple", [[1]]], ["like", [1], [0]]],
        [["bool", ["False"]], ["bool", ["True"]], ["tuple", [[1]]], ["like", [2], [0]]],
        [["bool", ["False"]], ["text", [["zz"]]], ["tuple", [[1]]], ["like", [2], [0]]],
        [["bool", ["False"]], ["text", [7]], ["tuple", [[1]]], ["like", [2], [0]]],
        [["bool", ["False"]], ["text", ["a"]], ["tuple", [[True]]], ["like", [2], [0]]],
        [["bool", ["False"]], ["text", ["a"]], ["tuple", ["a"]], ["like", [2], [0]]],
        [["bool", [[]]], ["text", ["a"]], ["tuple", [[1]]], ["like", [2], [0]]],
        [["wildcard", ["!"]], ["bool", ["False"]], ["tuple", [[0]]], ["like", [2], [1]]],
    ],
    ids=repr,
)
def test_what_is_not_of_the_form_is_refused(blocks: object) -> None:
    with pytest.raises(SerialError):
        from_bytes(orjson.dumps(blocks), Like)


def test_another_class_than_asked_for_is_refused() -> None:
    with pytest.raises(SerialError, match="of a Compare, not of a Like"):
        from_bytes(to_bytes(NUMBER), Like)
    assert from_bytes(to_bytes(NUMBER), Compare) == NUMBER


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SerialError):
        from_bytes(data, Loaded)


_FORM: list[list[Any]] = orjson.loads(to_bytes(AllOf((Not(AnyOf((AllOf(()),))),))))
_JSON = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=3) | st.lists(st.integers(-2, 5), max_size=3)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_a_changed_form_is_refused_or_gives_what_it_may(data: st.DataObject) -> None:
    """Any cell may be anything: what is read is a predicate of predicates all through, or nothing is."""
    blocks = orjson.loads(orjson.dumps(_FORM))
    block = data.draw(st.sampled_from(blocks))
    place = data.draw(st.integers(0, len(block) - 1))
    if place and block[place] and data.draw(st.booleans()):
        block[place][data.draw(st.integers(0, len(block[place]) - 1))] = data.draw(_JSON)
    else:
        block[place] = data.draw(_JSON | st.sampled_from(["all", "any", "not", "tuple", "null", "like"]))
    try:
        value = from_bytes(orjson.dumps(blocks), AllOf)
    except SerialError:
        return
    waiting: list[Any] = [value]
    while waiting:
        match waiting.pop():
            case AllOf(parts) | AnyOf(parts):
                waiting += parts
            case Not(part):
                waiting.append(part)
            case other:
                raise AssertionError(other)
