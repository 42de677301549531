"""Rule 10 of ``policy.yml``: a key an event cannot show is judged from the tool's other events on that host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from detector.model.rule import Action
from detector.triage import names
from detector.triage.timeline import Timeline
from detector.triage.traits import Traits, by_windows

#: A session without a logged end is taken as over after this long.
_SESSION = timedelta(hours=12)

#: A process id is given again by Windows; a link by pid holds this long.
_PID_HOLDS = timedelta(hours=12)

#: An updater that installs its own product anew does so at once: a service set up again this near is part of the update.
_UPDATING = timedelta(minutes=10)

_POOLED = (
    "user", "path", "signer", "company", "config", "remotes", "sources", "targets", "destinations", "installed_by",
    "installed_from",
)  # fmt: skip

_OF_INSTALLER = frozenset({"installed_by", "installed_from"})

#: What belongs to one run of a program and must come from the same process where one is known.
_OF_A_RUN = frozenset({"user", "config", "remotes", "sources", "targets"})
_MOVING = frozenset({Action.INSTALL, Action.UPDATE})
_DIRECTED = frozenset({Action.UPLOAD, Action.DOWNLOAD})

#: What tells one installation from another: the program's folder (an installer runs from elsewhere) and the tenant.
_Shape = tuple[str, tuple[tuple[str, str], ...]]


_Shown = dict[str, Timeline[Any]]


@dataclass(slots=True)
class _Uses:
    """The uses of one tool on one host: what its installations showed, and its runs; and who came and went."""

    shown: dict[_Shape, _Shown] = field(default_factory=dict)
    by_folder: dict[str, list[tuple[int, _Shape]]] = field(default_factory=dict)
    runs: dict[str, dict[_Shape, _Shown]] = field(default_factory=dict)
    sessions: Timeline[Traits] = field(default_factory=Timeline)

    def add(self, traits: Traits) -> None:
        """Take in one use; they come in time order."""
        shape = _shape(traits)
        values = {key: value for key in _POOLED if (value := getattr(traits, key))}
        if traits.action in _MOVING:
            values.pop("path", None)  # an installer runs from elsewhere
        if by_windows(traits):
            values.pop("installed_by", None)
            values.pop("installed_from", None)
        values |= {f"tenant {key}": value for key, value in traits.tenant.items()}
        if traits.commanded:
            values["commanded"] = traits.action
        if traits.action is Action.UPDATE:
            values["updating"] = True
        if shape not in self.shown:
            self.by_folder.setdefault(shape[0], []).append((len(self.shown), shape))
        places = [self.shown]
        if traits.processes and traits.processes[0]:
            places.append(self.runs.setdefault(traits.processes[0], {}))
        for place in places:
            shown = place.setdefault(shape, {})
            for key, value in values.items():
                shown.setdefault(key, Timeline()).add(traits.time, value)
        if traits.operator or traits.session_end:
            self.sessions.add(traits.time, traits)

    def completed(self, traits: Traits) -> Traits:
        """See :meth:`Pool.completed`."""
        shape = _shape(traits)
        others = [self.shown[other] for other in self._alike(shape) if _compatible(shape, other)]
        process = traits.processes[0] if traits.processes else ""
        run = [shown for other, shown in self.runs.get(process, {}).items() if _compatible(shape, other)]
        holds = _PID_HOLDS if process.startswith("pid:") else timedelta.max
        command = _nearest(run, "commanded", traits.time, holds)
        filled: dict[str, Any] = {}
        for key in _POOLED:
            if not getattr(traits, key) or (key in _OF_INSTALLER and by_windows(traits)):
                found = _nearest(run, key, traits.time, holds)
                if not found and not (key in _OF_A_RUN and (traits.commanded or command)):
                    found = _nearest(others, key, traits.time)
                filled |= {key: found[0]} if found else {}
        if command and not traits.commanded:
            directed = traits.action in _DIRECTED and command[0] in _DIRECTED
            filled |= {"commanded": True, "action": command[0] if directed else traits.action}
        if traits.action is Action.INSTALL and _nearest(others, "updating", traits.time, _UPDATING):
            filled["action"] = Action.UPDATE
        filled["tenant"] = self._tenant(traits, others)
        if not traits.operator:
            filled["operator"] = self._operator(traits, shape)
        return replace(traits, **filled)

    def _alike(self, shape: _Shape) -> Iterable[_Shape]:
        """The shapes whose folder does not contradict this one's, in the order they came: a tool may run from thousands."""
        folder = shape[0]
        if not folder:
            return self.shown
        return [other for _, other in sorted(self.by_folder.get(folder, []) + self.by_folder.get("", []))]

    def _tenant(self, traits: Traits, others: list[_Shown]) -> dict[str, str]:
        keys = {key for shown in others for key in shown if key.startswith("tenant ")}
        found = {key.removeprefix("tenant "): _nearest(others, key, traits.time) for key in keys}
        pooled = {key: value[0] for key, value in found.items() if value} | dict(traits.tenant)
        return dict(sorted(pooled.items()))

    def _operator(self, traits: Traits, shape: _Shape) -> str:
        """Who was connected at that time: the latest connection before it that had not ended."""
        open_since: dict[str, datetime] = {}
        for other in self.sessions.around(traits.time, _SESSION, timedelta()):
            if not _compatible(shape, _shape(other)):
                continue
            if not other.session_end:
                open_since[other.operator] = other.time
            elif other.time < traits.time:
                open_since = {name: since for name, since in open_since.items() if other.operator not in ("", name)}
        return max((since, name) for name, since in open_since.items())[1] if open_since else ""


@dataclass(frozen=True, slots=True)
class Pool:
    """All uses of a run, by host and tool."""

    by_use: dict[tuple[str, str], _Uses]

    def completed(self, traits: Traits) -> Traits:
        """The traits with what they lack filled in from the tool's other events on the host, and with the operator.

        The nearest event in time counts that may be of the same installation: nothing that both show differs.
        """
        uses = self.by_use.get((traits.host, traits.tool.id))
        return uses.completed(traits) if uses is not None and traits.tool.id else traits


def pool(all_traits: Iterable[Traits]) -> Pool:
    """A pool of all the traits of a run."""
    by_use: dict[tuple[str, str], _Uses] = {}
    for traits in sorted(all_traits, key=lambda traits: traits.time):
        by_use.setdefault((traits.host, traits.tool.id), _Uses()).add(traits)
    return Pool(by_use)


def _shape(traits: Traits) -> _Shape:
    folder = "" if traits.action in _MOVING else names.folder(traits.path)
    return folder, tuple(sorted((key, value.lower()) for key, value in traits.tenant.items()))


def _compatible(one: _Shape, other: _Shape) -> bool:
    """Whether two events may be of one installation: nothing both show differs."""
    (mine, tenant), (theirs, known) = one, other
    if mine and theirs and mine != theirs:
        return False
    values = dict(known)
    return all(values.get(key, value) == value for key, value in tenant)


def _nearest(some: Iterable[_Shown], key: str, time: datetime, holds: timedelta = timedelta.max) -> tuple[Any] | None:
    """The value of a key that is nearest in time, the earlier of two, as a tuple of one."""
    found = [near for shown in some if key in shown for near in shown[key].nearest(time) if near[0] <= holds]
    return (min(found, key=lambda near: near[:2])[2],) if found else None
