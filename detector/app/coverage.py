"""``rules coverage``: which rules there are for a tool and phase, and in which logs alone each can be true."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.app.catalogue import tool_id
from detector.engine.coverage import Kind
from detector.engine.evaluable import kinds_shown
from detector.model.rule import Phase, Rule
from detector.rules import builtin_rules, load_rules
from detector.rules.cache import Cache

_NETWORK = frozenset({Kind("Sysmon", 3), Kind("Sysmon", 22), Kind("Security", 5156)})
_LOGONS = frozenset(Kind("Security", number) for number in (4624, 4625, 4634, 4648, 4672, 4776, 4778, 4779, 5140, 5145))


def _of(*logs: str) -> Callable[[Kind], bool]:
    return lambda kind: kind.log in logs


#: What a site may have, and nothing beside it. A kind may count for several.
SOURCES: Mapping[str, Callable[[Kind], bool]] = {
    "sysmon": _of("Sysmon"),
    "security": _of("Security"),
    "system": _of("System"),
    "application": _of("Application"),
    "powershell": _of("PowerShell", "Windows PowerShell"),
    "network": lambda kind: kind in _NETWORK or kind.log.startswith("dns-"),
    "logons": lambda kind: kind in _LOGONS or kind.log.startswith("terminalservices-"),
}
_PHASES = tuple(phase.value for phase in Phase)


@dataclass(frozen=True, slots=True)
class Row:
    """Rules for one tool and phase (empty: none): their ids, and of each source those that can be true with it alone."""

    tool: str
    phase: str
    rules: tuple[str, ...]
    shown: Mapping[str, tuple[str, ...]]


def covered(paths: Sequence[Path], tool: str | None, cache: Cache) -> tuple[list[Row], list[str]]:
    """The rows by tool and phase, and what could not be loaded. Raises ``UsageError`` for a tool nobody knows."""
    rules, losses = load_rules(paths or (builtin_rules(),), cache)
    wanted = tool_id(tool) if tool is not None else None
    groups: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules.rules:
        if wanted is None or rule.tool == wanted:
            groups[rule.tool or "", rule.phase or ""].append(rule)
    order = {phase: number for number, phase in enumerate(_PHASES)}
    rows = [_row(*key, groups[key]) for key in sorted(groups, key=lambda key: (key[0], order.get(key[1], -1)))]
    return rows, [f"{loss.where}: {loss.why}" for loss in losses]


def _row(tool: str, phase: str, rules: Sequence[Rule]) -> Row:
    kinds = {rule.id: kinds_shown(rule) for rule in rules}
    shown = {
        name: tuple(sorted(rule_id for rule_id, found in kinds.items() if any(map(belongs, found))))
        for name, belongs in SOURCES.items()
    }
    return Row(tool, phase, tuple(sorted(kinds)), shown)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows for people, and how many tools each source alone can tell of."""
    width = max((len(row.tool) for row in rows), default=0)
    phases = max((len(row.phase) for row in rows), default=0)
    yield f"{'tool':<{width}}  {'phase':<{phases}}  rules  " + "  ".join(SOURCES)
    for row in rows:
        counts = (f"{len(row.shown[name]) or '-':>{len(name)}}" for name in SOURCES)
        yield f"{row.tool or '-':<{width}}  {row.phase or '-':<{phases}}  {len(row.rules):>5}  " + "  ".join(counts)
    tools = {row.tool for row in rows if row.tool}
    alone = (f"{name} {len({row.tool for row in rows if row.tool and row.shown[name]})}" for name in SOURCES)
    yield ""
    yield f"{sum(len(row.rules) for row in rows)} rules, {len(tools)} tools"
    yield f"tools that one source alone can tell of: {', '.join(alone)}"


def as_json(rows: Sequence[Row]) -> list[str]:
    """The rows for machines, as lines of JSON text: a list of objects with tool and phase (``null`` for none), rules (ids)
    and sources (ids of rules by source).
    """
    told = [
        {"tool": row.tool or None, "phase": row.phase or None, "rules": row.rules, "sources": dict(row.shown)}
        for row in rows
    ]
    return json.dumps(told, indent=2).splitlines()
