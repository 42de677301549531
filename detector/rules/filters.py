"""Sigma filters: what is to hold besides, for some rules or for all of a log source (specification "Sigma Filters" 2.0.0).

A filter's condition is joined to the rule's by ``and`` as it is written, which is how pySigma reads it: to leave out what the
filter describes, it says ``condition: not selection``. Its detections have names of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from detector.model.loss import Loss, LossKind
from detector.model.predicate import AllOf, Predicate
from detector.model.rule import LogSource, Rule
from detector.rules.detection import detection
from detector.rules.documents import Document
from detector.rules.problem import RuleProblemError, nearest, quoted
from detector.rules.scope import Scope
from detector.rules.translate import digest, title, words_of_logsource


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. ``rules`` are ids and names of rules, empty for any; ``where`` is its file and line."""

    title: str
    logsource: LogSource
    rules: tuple[str, ...]
    predicate: Predicate
    digest: str
    where: str


def filter_of(document: Document, scope: Scope) -> Filter:
    """The filter a document describes. Raises :class:`RuleProblemError`."""
    data = document.data
    section = data["filter"]
    if not isinstance(section, dict):
        raise RuleProblemError("'filter' must be a map of rules, detections and a condition", "filter")
    try:
        rules = _rules(section.get("rules"))
        predicate = detection({key: value for key, value in section.items() if key != "rules"}, scope)
    except RuleProblemError as problem:
        raise problem.under("filter") from problem
    logsource = words_of_logsource(data.get("logsource"))
    if logsource == LogSource():
        raise RuleProblemError("a filter's logsource names neither category, product nor service", "logsource")
    return Filter(
        title=title(data.get("title")),
        logsource=logsource,
        rules=rules,
        predicate=predicate,
        digest=digest(document.text, scope),
        where=f"{document.file}:{document.line}",
    )


def filtered(rules: Sequence[Rule], filters: Sequence[Filter]) -> tuple[list[Rule], list[Loss]]:
    """The rules with every filter that fits, and a loss for each filter that names what is not there or fits nothing.

    A filter is part of its rules' digests: their text is still their own.
    """
    fitting: dict[int, list[Filter]] = {}
    losses: list[Loss] = []
    for one in sorted(filters, key=lambda one: one.digest):
        places = [place for place, rule in enumerate(rules) if _fits(one, rule)]
        for place in places:
            fitting.setdefault(place, []).append(one)
        losses += [Loss(LossKind.RULE, one.where, f"the filter {quoted(one.title)} {why}") for why in _idle(one, rules)]
    return [_with(rule, fitting.get(place, [])) for place, rule in enumerate(rules)], losses


def _fits(one: Filter, rule: Rule) -> bool:
    if not _same_logs(one.logsource, rule.logsource):
        return False
    return not one.rules or any(_named(reference, rule) for reference in one.rules)


def _named(reference: str, rule: Rule) -> bool:
    return reference.lower() == rule.id or reference == rule.name


def _same_logs(wanted: LogSource, given: LogSource) -> bool:
    """What the filter's logsource names, the rule's says too."""
    pairs = ((wanted.category, given.category), (wanted.product, given.product), (wanted.service, given.service))
    return all(not word or word == other for word, other in pairs)


def _idle(one: Filter, rules: Sequence[Rule]) -> Iterator[str]:
    if not one.rules and not any(_fits(one, rule) for rule in rules):
        yield "fits none of the rules: no logsource is so"
    for reference in one.rules:
        meant = [rule for rule in rules if _named(reference, rule)]
        if not meant:
            hint = nearest(reference, [rule.name for rule in rules if rule.name])
            yield f"names the rule {quoted(reference)}, which is not loaded{f' ({hint})' if hint else ''}"
        elif not any(_same_logs(one.logsource, rule.logsource) for rule in meant):
            yield f"names the rule {quoted(reference)}, whose logsource is another: it is not applied there"


def _with(rule: Rule, fitting: Sequence[Filter]) -> Rule:
    if not fitting:
        return rule
    predicate = AllOf((rule.predicate, *(one.predicate for one in fitting)))
    whole = sha256("".join((rule.digest, *(one.digest for one in fitting))).encode()).hexdigest()
    return replace(rule, predicate=predicate, digest=whole)


def _rules(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value.lower() == "any":
        return ()
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list) or not named or not all(isinstance(one, str) and one for one in named):
        raise RuleProblemError("a filter needs 'rules': ids or names of rules, or 'any'", "rules")
    return tuple(dict.fromkeys(named))
