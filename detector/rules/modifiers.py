"""One ``field|modifier|...: values`` of a detection to a predicate (Sigma specification 2.1.0, modifiers appendix).

Modifiers are applied in their order, but ``expand`` first of all. Those that change what a value *is* (``re``, ``cidr``,
``gt`` ...) go with few others; a combination that means nothing is an error, not a guess.
"""

from __future__ import annotations

from collections.abc import Sequence

from detector.model.predicate import (
    AllOf,
    AnyOf,
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
from detector.rules.kinds import FLAGS, KINDS, PLACES, Kind
from detector.rules.problem import RuleProblemError, nearest, quoted
from detector.rules.scope import Scope
from detector.rules.strings import Parts

_ANCHORED = frozenset({"startswith", "endswith"})
_WIDE = frozenset({"wide", "utf16le", "utf16be", "utf16"})
_TEXT = frozenset({*PLACES, *_WIDE, "windash", "base64", "base64offset", "cased"})
#: Applied to the list of values, not to each.
_OF_THE_LIST = frozenset({"all", "neq", "expand"})
KNOWN = frozenset({*_TEXT, *KINDS, *FLAGS, *_OF_THE_LIST})


def predicate(key: str, value: object, scope: Scope) -> Predicate:
    """What one entry of a detection's map asks; an empty field name means keywords. Raises :class:`RuleProblemError`."""
    field, *modifiers = key.split("|")
    _check(modifiers)
    if not field and not _ANCHORED.isdisjoint(modifiers):
        raise RuleProblemError("any value contains a keyword: name a field for one that starts or ends with it")
    own = [modifier for modifier in modifiers if modifier not in _OF_THE_LIST]
    kind = _kind(own)
    values = value if isinstance(value, list) else [value]
    if not values:
        raise RuleProblemError("an empty list says nothing", hint="null means absent or null, '' empty")
    scope.spend(len(values) * (kind.cost if kind else 1))
    each = []
    for one in values:
        meant = scope.expanded(one, raw=kind is not None) if "expand" in modifiers else [one]
        scope.spend((len(meant) - 1) * (kind.cost if kind else 1))
        each.append(any_of([_leaf(field, test) for single in meant for test in _tests(single, own, kind, scope)]))
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
        if modifier not in KNOWN:
            raise RuleProblemError(f"unknown modifier {quoted(modifier)}", hint=nearest(modifier, sorted(KNOWN)))
    for place, modifier in enumerate(modifiers):
        if modifier in modifiers[:place]:
            raise RuleProblemError(f"the modifier {modifier!r} stands here twice")


def _kind(modifiers: Sequence[str]) -> Kind | None:
    """The kind of test that modifiers ask for, ``None`` for text. Raises :class:`RuleProblemError` if they clash."""
    asked = [modifier for modifier in modifiers if modifier in KINDS]
    for name in asked:
        if all(other == name or other in KINDS[name].companions for other in modifiers):
            return KINDS[name]
    if asked:
        allowed = KINDS[asked[0]].companions
        other = next(other for other in modifiers if other != asked[0] and other not in allowed)
        raise RuleProblemError(f"{other!r} does not go with {asked[0]!r}")
    for modifier in modifiers:
        if modifier in FLAGS:
            raise RuleProblemError(f"the flag {modifier!r} goes with 're' only")
    return None


def _leaf(field: str, test: Test) -> Predicate:
    if field:
        return FieldTest(field, test)
    if isinstance(test, Like | Regex):
        return KeywordTest(test)
    raise RuleProblemError("keywords are text or regular expressions that any value contains: name a field for more")


def _tests(value: object, modifiers: Sequence[str], kind: Kind | None, scope: Scope) -> list[Test]:
    """The tests one value becomes; any of them is enough."""
    if kind is not None:
        return [kind.make(value, modifiers)]
    if isinstance(value, str):
        return _likes(value, modifiers, scope)
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
            raise RuleProblemError(f"{quoted(value)} is neither text nor a number", hint="put the value in quotes")


def _spelt(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _likes(text: str, modifiers: Sequence[str], scope: Scope) -> list[Test]:
    forms: list[Parts | bytes] = [strings.parse(text)]
    for modifier in modifiers:
        if modifier != "cased":
            before = len(forms)
            forms = [new for form in forms for new in _step(modifier, form)]
            scope.spend(len(forms) - before)
    return [Like(_parts(form), "cased" in modifiers) for form in forms]


def _step(modifier: str, form: Parts | bytes) -> Sequence[Parts | bytes]:
    """What one modifier makes of one form of a value."""
    if modifier == "windash":
        return strings.dashes(_parts(form))
    if modifier in PLACES:
        return [_placed(modifier, _parts(form))]
    if isinstance(form, bytes) and modifier not in _WIDE:
        return _encoded(modifier, form)
    plain = [strings.plain_text(one, modifier) for one in strings.spellings(_parts(form), modifier)]
    if modifier in _WIDE:
        return [strings.wide(text, modifier) for text in plain]
    return [one for text in plain for one in _encoded(modifier, text.encode())]


def _encoded(modifier: str, data: bytes) -> list[Parts]:
    found = [strings.base64(data)] if modifier == "base64" else strings.base64_anywhere(data)
    return [(text,) if text else () for text in found]


def _placed(modifier: str, parts: Parts) -> Parts:
    many = Wildcard.MANY  # compared by "is": an escaped star, which is text, equals it
    if modifier != "startswith" and not (parts and parts[0] is many):
        parts = (many, *parts)
    if modifier != "endswith" and not (parts and parts[-1] is many):
        parts = (*parts, many)
    return parts


def _parts(form: Parts | bytes) -> Parts:
    """UTF-16 that stays UTF-16 is looked for as the text with NUL between its characters, as logs show it."""
    if not isinstance(form, bytes):
        return form
    try:
        text = form.decode("utf-8")
    except UnicodeDecodeError:
        raise RuleProblemError(
            "UTF-16 beyond ASCII can only be looked for in base64", hint="add base64offset"
        ) from None
    return (text,) if text else ()
