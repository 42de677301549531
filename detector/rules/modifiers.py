"""One ``field|modifier|...: values`` of a detection to a predicate (Sigma specification 2.1.0, modifiers appendix).

Modifiers are applied in their order. Those that change what a value *is* (``re``, ``cidr``, ``gt`` ...) go with few
others; a combination that means nothing is an error, not a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_network

from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Comparison,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    Wildcard,
)
from detector.rules import strings
from detector.rules.problem import RuleProblemError, nearest
from detector.rules.regexes import RegexError, compile_regex
from detector.rules.strings import Parts

_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
_PLACES = frozenset({"contains", "startswith", "endswith"})
_ANCHORED = frozenset({"startswith", "endswith"})
_WIDE = frozenset({"wide", "utf16le", "utf16be", "utf16"})
_TEXT = frozenset({*_PLACES, *_WIDE, "windash", "base64", "base64offset", "cased"})
_LATER = frozenset({"minute", "hour", "day", "week", "month", "year", "expand"})
_OF_THE_LIST = frozenset({"all", "neq"})


def predicate(key: str, value: object) -> Predicate:
    """What one entry of a detection's map asks; an empty field name means keywords. Raises :class:`RuleProblemError`."""
    field, *modifiers = key.split("|")
    _check(modifiers)
    if not field and not _ANCHORED.isdisjoint(modifiers):
        raise RuleProblemError("any value contains a keyword: name a field for one that starts or ends with it")
    own = [modifier for modifier in modifiers if modifier not in _OF_THE_LIST]
    values = value if isinstance(value, list) else [value]
    if not values:
        raise RuleProblemError("an empty list says nothing", hint="null means absent or null, '' empty")
    each = [any_of([_leaf(field, test) for test in _tests(one, own)]) for one in values]
    whole = all_of(each) if "all" in modifiers else any_of(each)
    return Not(whole) if "neq" in modifiers else whole


def any_of(parts: Sequence[Predicate]) -> Predicate:
    """At least one of them; one alone is itself."""
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def all_of(parts: Sequence[Predicate]) -> Predicate:
    """Every one of them; one alone is itself."""
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _check(modifiers: Sequence[str]) -> None:
    for modifier in modifiers:
        if modifier in _LATER:
            raise RuleProblemError(f"the modifier {modifier!r} is not supported yet")
        if modifier not in _KNOWN:
            raise RuleProblemError(f"unknown modifier {modifier!r}", hint=nearest(modifier, sorted(_KNOWN)))


def _leaf(field: str, test: Test) -> Predicate:
    if field:
        return FieldTest(field, test)
    if isinstance(test, Like | Regex):
        return KeywordTest(test)
    raise RuleProblemError("keywords are text or regular expressions that any value contains: name a field for more")


def _tests(value: object, modifiers: Sequence[str]) -> list[Test]:
    """The tests one value becomes; any of them is enough."""
    kinds = [modifier for modifier in modifiers if modifier in _KINDS]
    if kinds:
        make, companions = _KINDS[kinds[0]]
        for other in modifiers:
            if other != kinds[0] and other not in companions:
                raise RuleProblemError(f"{other!r} does not go with {kinds[0]!r}")
        return [make(value, modifiers)]
    for modifier in modifiers:
        if modifier in _FLAGS:
            raise RuleProblemError(f"the flag {modifier!r} goes with 're' only")
    if isinstance(value, str):
        return _likes(value, modifiers)
    return [_scalar(value, modifiers)]


def _scalar(value: object, modifiers: Sequence[str]) -> Test:
    if isinstance(value, dict | list):
        raise RuleProblemError("a value is text or a number, not a map or a list of lists")
    if modifiers:
        raise RuleProblemError(f"{modifiers[0]!r} needs text, not {_spelt(value)}", hint="put the value in quotes")
    match value:
        case None:
            return IsNull()
        case bool() | int() | float():
            return Like((_spelt(value),))
        case _:
            raise RuleProblemError(f"{value} is neither text nor a number", hint="put the value in quotes")


def _spelt(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _likes(text: str, modifiers: Sequence[str]) -> list[Test]:
    forms: list[Parts | bytes] = [strings.parse(text)]
    for modifier in modifiers:
        if modifier != "cased":
            forms = [new for form in forms for new in _step(modifier, form)]
    return [Like(_parts(form), "cased" in modifiers) for form in forms]


def _step(modifier: str, form: Parts | bytes) -> Sequence[Parts | bytes]:
    """What one modifier makes of one form of a value."""
    if modifier in _WIDE:
        return [strings.wide(strings.plain_text(_parts(form), modifier), modifier)]
    if modifier == "windash":
        return strings.dashes(_parts(form))
    if modifier in _PLACES:
        return [_placed(modifier, _parts(form))]
    data = form if isinstance(form, bytes) else strings.plain_text(form, modifier).encode()
    return [(text,) for text in ([strings.base64(data)] if modifier == "base64" else strings.base64_anywhere(data))]


def _placed(modifier: str, parts: Parts) -> Parts:
    many = Wildcard.MANY
    if modifier != "startswith" and parts[:1] != (many,):
        parts = (many, *parts)
    if modifier != "endswith" and parts[-1:] != (many,):
        parts = (*parts, many)
    return parts


def _parts(form: Parts | bytes) -> Parts:
    """UTF-16 that stays UTF-16 is looked for as the text with NUL between its characters, as logs show it."""
    if not isinstance(form, bytes):
        return form
    try:
        return (form.decode("utf-8"),)
    except UnicodeDecodeError:
        raise RuleProblemError(
            "UTF-16 beyond ASCII can only be looked for in base64", hint="add base64offset"
        ) from None


def _regex(value: object, modifiers: Sequence[str]) -> Regex:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RuleProblemError("'re' needs a regular expression as text")
    test = Regex(str(value), "".join(sorted({_FLAGS[modifier] for modifier in modifiers if modifier in _FLAGS})))
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
    except ValueError as error:
        try:
            hint = f"did you mean {ip_network(value, strict=False)}?"
        except ValueError:
            hint = ""
        raise RuleProblemError(f"no network: {error}", hint=hint) from error


def _compare(comparison: Comparison) -> Callable[[object, Sequence[str]], Compare]:
    def make(value: object, _modifiers: Sequence[str]) -> Compare:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RuleProblemError(f"{comparison.value!r} needs a number, without quotes")
        return Compare(comparison, value)

    return make


def _exists(value: object, _modifiers: Sequence[str]) -> Exists:
    if not isinstance(value, bool):
        raise RuleProblemError("'exists' needs true or false, without quotes")
    return Exists(value)


def _reference(value: object, modifiers: Sequence[str]) -> FieldRef:
    if not isinstance(value, str) or not value:
        raise RuleProblemError("'fieldref' needs the name of a field")
    places = _PLACES.intersection(modifiers)
    mode = "contains" if len(places) > 1 else next(iter(places), "equals")
    return FieldRef(value, mode, "cased" in modifiers)


#: Modifiers that say what a value is: how the test is made, and which others go with it.
_KINDS: dict[str, tuple[Callable[[object, Sequence[str]], Test], frozenset[str]]] = {
    "re": (_regex, frozenset({*_FLAGS, "contains"})),
    "cidr": (_cidr, frozenset()),
    "exists": (_exists, frozenset()),
    "fieldref": (_reference, frozenset({*_PLACES, "cased"})),
    **{comparison.value: (_compare(comparison), frozenset()) for comparison in Comparison},
}
_KNOWN = frozenset({*_TEXT, *_KINDS, *_FLAGS, *_OF_THE_LIST, *_LATER})
