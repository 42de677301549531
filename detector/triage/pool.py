"""Rule 10 of ``policy.yml``: a key an event cannot show is judged from the tool's other events on that host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from detector.model.rule import Action
from detector.triage import names
from detector.triage.traits import Traits

#: A session without a logged end is taken as over after this long.
_SESSION = timedelta(hours=12)

#: A process id is given again by Windows; a link by pid holds this long.
_PID_HOLDS = timedelta(hours=12)

_POOLED = (
    "user", "path", "signer", "config", "remotes", "sources", "targets", "destinations", "installed_by", "installed_from",
)  # fmt: skip

#: What belongs to one run of a program and must come from the same process where one is known.
_OF_A_RUN = frozenset({"user", "config", "remotes", "sources", "targets"})


@dataclass(frozen=True, slots=True)
class Pool:
    """All traits of a run, by host and tool, each list in time order."""

    by_use: Mapping[tuple[str, str], list[Traits]]

    def completed(self, traits: Traits) -> Traits:
        """The traits with what they lack filled in from the tool's other events on the host, and with the operator."""
        others = [other for other in self.by_use.get((traits.host, traits.tool.id), ()) if _compatible(traits, other)]
        filled: dict[str, Any] = {}
        run = [other for other in others if _same_process(traits, other)]
        for key in _POOLED:
            if not getattr(traits, key):
                found = _nearest(run, traits, key)
                if not found and not (key in _OF_A_RUN and (traits.commanded or _commanded(run))):
                    found = _nearest(others, traits, key)
                if found:
                    filled[key] = found
        if _commanded(run) and not traits.commanded:
            source = next(other for other in run if other.commanded)
            filled |= {"commanded": True, "action": _action(traits, source)}
        filled["tenant"] = self._tenant(traits, others)
        if not traits.operator:
            filled["operator"] = _operator(traits, others)
        return replace(traits, **filled)

    def _tenant(self, traits: Traits, others: list[Traits]) -> dict[str, str]:
        tenant = dict(traits.tenant)
        for other in sorted(others, key=lambda other: abs(other.time - traits.time)):
            for key, value in other.tenant.items():
                tenant.setdefault(key, value)
        return dict(sorted(tenant.items()))


def pool(all_traits: Iterable[Traits]) -> Pool:
    """A pool of all the traits of a run."""
    by_use: dict[tuple[str, str], list[Traits]] = defaultdict(list)
    for traits in all_traits:
        by_use[traits.host, traits.tool.id].append(traits)
    for uses in by_use.values():
        uses.sort(key=lambda traits: traits.time)
    return Pool(dict(by_use))


def _compatible(one: Traits, other: Traits) -> bool:
    """Whether two events may be of one installation: nothing both show differs."""
    if any(other.tenant.get(key, value).lower() != value.lower() for key, value in one.tenant.items()):
        return False
    moving = {Action.INSTALL, Action.UPDATE}
    if one.action in moving or other.action in moving:
        return True  # an installer runs from elsewhere
    mine, theirs = names.folder(one.path), names.folder(other.path)
    return not mine or not theirs or mine == theirs


def _same_process(one: Traits, other: Traits) -> bool:
    key = one.processes[0] if one.processes else ""
    if not key or not other.processes or other.processes[0] != key:
        return False
    return not key.startswith("pid:") or abs(one.time - other.time) <= _PID_HOLDS


def _commanded(run: list[Traits]) -> bool:
    return any(other.commanded for other in run)


def _action(traits: Traits, source: Traits) -> Action | None:
    directed = {Action.UPLOAD, Action.DOWNLOAD}
    return source.action if traits.action in directed and source.action in directed else traits.action


def _nearest(others: list[Traits], traits: Traits, key: str) -> Any:
    candidates = [other for other in others if getattr(other, key)]
    if not candidates:
        return None
    return getattr(min(candidates, key=lambda other: (abs(other.time - traits.time), other.time)), key)


def _operator(traits: Traits, others: list[Traits]) -> str:
    """Who was connected at that time: the latest connection before it that had not ended."""
    open_since: dict[str, Any] = {}
    for other in others:
        if other.time > traits.time:
            break
        if other.operator and not other.session_end:
            open_since[other.operator] = other.time
        elif other.session_end:
            for name in [name for name in open_since if not other.operator or name == other.operator]:
                if other.time < traits.time:
                    del open_since[name]
    current = [(since, name) for name, since in open_since.items() if traits.time - since <= _SESSION]
    return max(current)[1] if current else ""
