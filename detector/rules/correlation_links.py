"""Correlation rules find the rules they name, whichever file those lie in; what names nothing, or itself, is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule
from detector.rules.correlation import Draft
from detector.rules.problem import RuleProblemError, nearest, quoted

#: Correlations of correlations, one above the other.
_HIGHEST = 20


def linked(drafts: Sequence[Draft], rules: Iterable[Rule]) -> tuple[list[Rule], list[Loss]]:
    """The correlation rules, by id, with the ids of what they look at; a loss for each that cannot be used."""
    book = _Book(rules)
    waiting: list[Draft] = []
    losses: list[Loss] = []
    for one in drafts:
        if one.rule.id in book.rules:
            first = book.rules[one.rule.id].path
            losses.append(
                _loss(one, RuleProblemError(f"the id {one.rule.id} is already that of a rule in {first}", "id"))
            )
        else:
            book.add(one.rule)
            waiting.append(one)
    found: dict[str, Rule] = {}
    resolved: list[Draft] = []
    for one in waiting:
        try:
            resolved.append(_resolved(one, book))
        except RuleProblemError as problem:
            losses.append(_loss(one, problem))
    for _ in range(_HIGHEST):
        ready = [one for one in resolved if all(_is_there(word, book, found) for word in one.asked.rules)]
        found |= {one.rule.id: _finished(one, book, found) for one in ready}
        resolved = [one for one in resolved if one.rule.id not in found]
        if not ready:
            break
    too_high = [one for one in resolved if all(_is_there(word, book, found) for word in one.asked.rules)]
    losses += [_loss(one, _left_out(one, resolved, too_high)) for one in resolved]
    return [found[rule_id] for rule_id in sorted(found)], losses


class _Book:
    """Rules by id and by name; correlations, too, whether they can be used or not."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: dict[str, Rule] = {}
        self.correlations: set[str] = set()
        self._by_name: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            self._enter(rule)

    def add(self, rule: Rule) -> None:
        self.correlations.add(rule.id)
        self._enter(rule)

    def _enter(self, rule: Rule) -> None:
        self.rules[rule.id] = rule
        if rule.name:
            self._by_name[rule.name].append(rule)

    def id_of(self, word: str, file: str) -> str:
        """The id of the rule that a correlation of this file means by it. Names of the same file come first."""
        if (rule_id := _uuid(word)) in self.rules:
            return rule_id
        named = self._by_name.get(word, [])
        found = [rule for rule in named if rule.path == file] or named
        if len(found) == 1:
            return found[0].id
        if found:
            files = ", ".join(sorted({rule.path for rule in found}))
            raise RuleProblemError(f"{quoted(word)} is the name of {len(found)} rules, in {files}")
        raise RuleProblemError(
            f"{quoted(word)} is the id or name of no rule that was loaded", hint=nearest(word, self._by_name)
        )


def _uuid(word: str) -> str:
    try:
        return str(UUID(word))
    except ValueError:
        return ""


def _resolved(one: Draft, book: _Book) -> Draft:
    ids: dict[str, str] = {}
    for place, word in enumerate(one.asked.rules):
        try:
            rule_id = book.id_of(word, one.rule.path)
            if rule_id in ids.values():
                raise RuleProblemError(f"{quoted(word)} is one rule with another of 'rules'")
        except RuleProblemError as problem:
            raise problem.under("correlation", "rules", place) from problem
        ids[word] = rule_id
    aliases = tuple(replace(alias, rule=ids[alias.rule]) for alias in one.asked.aliases)
    return replace(one, asked=replace(one.asked, rules=tuple(ids.values()), aliases=aliases))


def _is_there(rule_id: str, book: _Book, found: dict[str, Rule]) -> bool:
    return rule_id in found or rule_id not in book.correlations


def _finished(one: Draft, book: _Book, found: dict[str, Rule]) -> Rule:
    """The rule. One that says no level has the highest of those it looks at: "a severity level adjustment"."""
    level = max((found.get(rule_id) or book.rules[rule_id]).level for rule_id in one.asked.rules)
    return replace(one.rule, correlation=one.asked, level=one.rule.level if one.leveled else level)


def _left_out(one: Draft, left: Sequence[Draft], too_high: Sequence[Draft]) -> RuleProblemError:
    by_id = {other.rule.id: other for other in left}
    path = [one]
    while True:
        following = next((by_id[rule_id] for rule_id in path[-1].asked.rules if rule_id in by_id), None)
        if following is None:
            if path[-1] in too_high:
                return RuleProblemError(
                    f"more than {_HIGHEST} correlations, one above the other", "correlation", "rules"
                )
            what = f"it looks at {path[-1].rule.title!r}, which " if len(path) > 1 else "it "
            return RuleProblemError(f"{what}looks at a correlation that could not be loaded", "correlation", "rules")
        if following in path:
            break
        path.append(following)
    names = " -> ".join(repr(other.rule.title) for other in (*path, following)[:5])
    if following is one:
        return RuleProblemError(f"a circle of correlations: {names}", "correlation", "rules")
    return RuleProblemError(f"it looks at a circle of correlations: {names}", "correlation", "rules")


def _loss(one: Draft, problem: RuleProblemError) -> Loss:
    return Loss(LossKind.RULE, f"{one.document.file}:{one.document.line_of(problem.path)}", str(problem))
