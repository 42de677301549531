"""Rules whose events no input shows: where nothing logs started programs, that nothing was found says little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet

from detector.engine.coverage import Kind
from detector.engine.evaluable import ANY_ID, kinds_shown
from detector.engine.logsource import CATEGORIES
from detector.model.loss import Loss, LossKind
from detector.model.rule import Role, RuleSet

#: Started programs: what nearly every use of a tool shows in, and what many machines do not log.
STARTED = frozenset(
    Kind(source.log.name, event_id)
    for source in CATEGORIES["process_creation"]
    if source.log is not None
    for event_id in source.event_ids
)
_NAMED = 6


def unseen(rules: RuleSet, seen: AbstractSet[Kind]) -> list[Loss]:
    """A loss (not evaluable) where started programs were not ``seen``: how many rules on uses could be true of no event.

    Single missing logs beside them are no loss: hardly any machine has all. ``rules coverage`` tells which rule needs which.
    """
    if seen & STARTED:
        return []
    uses = [rule for rule in rules.rules if rule.role is Role.USE]
    shown = [kinds_shown(rule) for rule in uses]
    blind = [kinds for kinds in shown if not kinds & seen and not any(kind.event_id == ANY_ID for kind in kinds)]
    if not any(kinds & STARTED for kinds in blind):
        return []
    needed = Counter(kind for kinds in blind for kind in kinds)
    first = sorted(needed, key=lambda kind: (-needed[kind], kind))[:_NAMED]
    why = (
        f"no record that was read tells of started programs ({' or '.join(map(str, sorted(STARTED, reverse=True)))}): "
        f"{len(blind)} of {len(uses)} rules on the use of tools could not be evaluated; most ask for {', '.join(map(str, first))}"
    )
    return [Loss(LossKind.NOT_EVALUABLE, "all inputs", why, len(blind))]
