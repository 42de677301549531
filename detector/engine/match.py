"""The matcher: every rule that is true of an event."""

from __future__ import annotations

from collections.abc import Collection

from detector.engine.compiled import compile_judge
from detector.engine.coverage import Coverage
from detector.engine.explained import Explain, compile_explain
from detector.engine.leaves import Judge, RegexCompiler
from detector.engine.routes import Routes
from detector.engine.view import View
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet

__all__ = ["PATIENCE", "Matcher", "RegexCompiler"]

#: After so many records of one source on which its regular expression took too long, a rule is not judged there any more:
#: each costs half a second, and hostile text comes in thousands.
PATIENCE = 5


class _Judged:
    """One rule, compiled when the first event that it may look at comes by."""

    __slots__ = ("_explain", "_regexes", "judge", "passed", "rule", "slow")

    def __init__(self, rule: Rule, regexes: RegexCompiler) -> None:
        self.rule = rule
        self._regexes = regexes
        self.judge: Judge = self._compiled
        self._explain: Explain | None = None
        self.slow = 0  # records of this source that took too long
        self.passed = 0  # records that it was not judged on because of them

    def _compiled(self, view: View) -> bool:
        self.judge = compile_judge(self.rule.predicate, self._regexes)
        return self.judge(view)

    def hit(self, view: View) -> Hit:
        """The hit on an event that the rule is true of."""
        if self._explain is None:
            self._explain = compile_explain(self.rule.predicate, self._regexes)
        try:
            names = self._explain(view) or ()
        except TimeoutError:  # the rule is true all the same
            self.slow += 1
            names = ()
        return Hit(self.rule, view.event, tuple(dict.fromkeys(names)))


def _timeout(rule: Rule, event: Event) -> Loss:
    ref = event.ref
    record = "a record" if ref.record_id is None else f"record {ref.record_id}"
    why = f"a regular expression took too long on {record} of {ref.channel}, event {ref.event_id}, in {ref.source}"
    return Loss(LossKind.TIMEOUT, _where(rule), why)


def _where(rule: Rule) -> str:
    return f"rule {rule.title!r} ({rule.id})"


class Matcher:
    """One worker's matcher. ``coverage`` grows with every event judged.

    ``fields["EventID"]`` of an event is taken to be its ``ref.event_id``: rules that ask for certain event ids are not
    even looked at for others.
    """

    def __init__(self, rules: RuleSet, regexes: RegexCompiler) -> None:
        self.coverage = Coverage()
        self._judged = [_Judged(rule, regexes) for rule in rules.rules]
        self._routes = Routes(rules)

    def begin(self, coverage: Coverage) -> None:
        """What comes now is of another source; its coverage is counted there."""
        self.coverage = coverage
        for judged in self._judged:
            judged.slow = judged.passed = 0

    def passed_over(self, source: str) -> list[Loss]:
        """A loss for each rule that was given up on for the rest of the source."""
        why = f"it took too long on {PATIENCE} records of {source}, and was not judged on the rest of it"
        return [Loss(LossKind.TIMEOUT, _where(one.rule), why, one.passed) for one in self._judged if one.passed]

    def judge(self, event: Event, candidates: Collection[int] | None = None) -> list[Hit | Loss]:
        """Every rule that is true of the event, in the rule set's order, or the :class:`Loss` (timeout) of one.

        ``candidates`` are places in the rule set, of at least all rules that are true of the event; ``None``: not known.
        """
        route = self._routes.of(event.ref)
        for kind, needed in route.kinds:
            self.coverage.see(event, kind, needed)
        if not route.groups:
            return []
        view = View(event)
        every = self._judged
        found: list[Hit | Loss] = []
        for place in route.open(view, candidates):
            judged = every[place]
            if judged.slow >= PATIENCE:
                judged.passed += 1
                continue
            try:
                if judged.judge(view):
                    found.append(judged.hit(view))
            except TimeoutError:
                judged.slow += 1
                found.append(_timeout(judged.rule, event))
        return found
