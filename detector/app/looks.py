"""Looks at the sources: the first for uses of tools and for what touches an asset, further ones for what is around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from detector.app.harvest import Gathered, Harvest
from detector.app.units import Look, Unit, units_of
from detector.app.workers import Crew
from detector.engine.correlate import correlated
from detector.engine.correlate_watch import Watch
from detector.intake import STANDARD_INPUT, Source
from detector.model.hit import Hit
from detector.model.loss import Loss
from detector.model.policy import Policy
from detector.model.rule import Action, Role, RuleSet
from detector.rules.uncollected import uncollected
from detector.screen import Needle, Wanted, needles
from detector.triage.interest import interest, places
from detector.triage.walk import Setting, walked

#: After so many looks, or for so many names, everything is read that was not yet.
_MOST_LOOKS = 12
_MOST_NAMES = 5_000


def sought(rules: RuleSet, policy: Policy | None, *, every_tool: bool = False) -> tuple[int, ...]:
    """The places of the rules that the first look is for; the others are asked for what surrounds their hits.

    A context rule's hit may be a use where a clause is about its tool, or where something leaves an asset
    (:func:`detector.triage.uses.counts_as_use`). ``every_tool``: whatever is known of a tool is asked for.
    """
    watch = Watch(rules)
    named = {clause.tool for clause in policy.tools} if policy is not None else set()
    return tuple(
        place
        for place, rule in enumerate(rules.rules)
        if rule.role is Role.USE
        or (rule.tool is not None and (every_tool or rule.action is Action.UPLOAD or rule.tool in named))
        or watch.seeks(rule)
    )


class Looks:
    """What one run reads. ``prefilter`` off: everything, once. Files that are read in parts are hashed when they are asked for
    (:meth:`hash`), with ``hash_all`` always.
    """

    def __init__(
        self,
        crew: Crew,
        rules: RuleSet,
        setting: Setting,
        *,
        prefilter: bool = True,
        hash_all: bool = False,
        every_tool: bool = False,
    ) -> None:
        self._crew = crew
        self._hash_all = hash_all
        self._without_digest: dict[str, Source] = {}
        self._rules = rules
        self._setting = setting
        self._prefilter = prefilter
        self._sought = sought(rules, setting.policy, every_tool=every_tool)
        self._around = frozenset(range(len(rules.rules))).difference(self._sought)

    def harvest(self, sources: Sequence[Source]) -> tuple[Harvest, list[Loss]]:
        """Everything that was found, and what correlations could not count."""
        known = places(self._setting.inventory)
        names = needles(known.machines, known.networks)
        first = Wanted(self._sought, names, self._around) if self._prefilter else None
        whole, logs = self._first(sources, Look(first))
        lost = self._correlate(whole, around=False)
        if self._around and not whole.whole:
            self._further(whole, logs, names)
        return whole, [*lost, *self._correlate(whole, around=True)]

    def hash(self, whole: Harvest, paths: AbstractSet[str]) -> None:
        """Add the digests of these files, as far as they are not known."""
        for one in self._crew.gathered(self._digests(paths), Look()):
            whole.merge(one.harvest)

    def _correlate(self, whole: Harvest, *, around: bool) -> list[Loss]:
        """Add what hits make together to the hits; what could not be counted."""
        found = correlated(whole.observed, self._rules, around=around)
        for one in found:
            if isinstance(one, Hit):
                whole.folder.add(one)
        return [one for one in found if isinstance(one, Loss)]

    def _first(self, sources: Sequence[Source], look: Look) -> tuple[Harvest, list[Unit]]:
        """The first look at everything, and the units in which logs can be read again."""
        units = [unit for source in sources for unit in units_of(source, digest=self._hash_all)]
        whole, again = self._merged(self._crew.gathered(units, look))
        if again:
            rest, _ = self._merged(self._crew.gathered([Unit(source) for source in again], look))
            whole.merge(rest)
            units = [unit for unit in units if unit.source not in again] + [Unit(source) for source in again]
        if not self._hash_all:
            self._without_digest = {unit.source.path: unit.source for unit in units if unit.part is not None}
        logs = {path for path, one in whole.inputs.items() if one.kind in ("evtx", "ndjson") and path != STANDARD_INPUT}
        return whole, [unit for unit in units if unit.source.path in logs and not unit.digest]

    def _digests(self, paths: AbstractSet[str]) -> list[Unit]:
        """Those of these files of which the digest is not known yet."""
        wanted = sorted(paths & self._without_digest.keys())
        return [Unit(self._without_digest.pop(path), digest=True) for path in wanted]

    @staticmethod
    def _merged(gathered: Iterable[Gathered]) -> tuple[Harvest, list[Source]]:
        """All of it together; without files that could not be understood in parts, which are to be read whole."""
        whole = Harvest()
        parts: dict[Source, list[Gathered]] = defaultdict(list)
        for one in gathered:
            if one.unit.part is None and not one.unit.digest:
                whole.merge(one.harvest)
            else:
                parts[one.unit.source].append(one)
        again = []
        for source, those in sorted(parts.items(), key=lambda item: item[0].path):
            those.sort(key=lambda one: one.unit.part.index if one.unit.part is not None else -1)
            if _understood(those):
                for one in those:
                    whole.merge(one.harvest)
            else:
                again.append(source)
        return whole, again

    def _further(self, whole: Harvest, units: Sequence[Unit], seen: tuple[Needle, ...]) -> None:
        """Look for what is around what was found, until nothing new turns up."""
        named: set[Needle] = set(seen)
        asked: set[Needle] = set()
        for number in range(_MOST_LOOKS + 1):
            with uncollected():
                walk = walked(whole.folder, whole.book, self._setting)
                found = interest(walk, walk.directory.book)
            names = set(needles(found.machines, found.networks)) - named
            addresses = set(needles(found.unnamed, ())) - named - asked
            if not (names or addresses):
                return
            if number == _MOST_LOOKS or len(names | addresses) > _MOST_NAMES:
                names, addresses = set(needles((), (), everything=True)), set()
            before = tuple(sorted(named, key=repr))
            wanted = Wanted(
                (),
                tuple(sorted(names, key=repr)),
                self._around,
                tuple(sorted(addresses, key=repr)),
                before,
                first=False,
            )
            lost = {(loss.kind, loss.where, loss.why) for loss in whole.losses}
            hashes = self._digests({use.told.hit.event.ref.source for use in walk.uses})  # beside what is read again
            for one in self._crew.gathered([*hashes, *units], Look(wanted)):
                one.harvest.losses = [
                    loss for loss in one.harvest.losses if (loss.kind, loss.where, loss.why) not in lost
                ]
                whole.merge(one.harvest)
            named |= names
            asked |= addresses


def _understood(parts: Sequence[Gathered]) -> bool:
    """Whether the parts, in order, are the file: a run of zeros that goes on in the next part is only seen in the whole."""
    ends = False
    for one in parts:
        if one.again or (ends and one.shows):
            return False
        ends = ends or one.open_end
    return True
