"""Incidents: the findings of one story, its level, and the words for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from detector.model.asset import Inventory
from detector.model.finding import Finding
from detector.model.incident import Edge, Incident
from detector.model.level import Level
from detector.model.policy import Policy, Verdict
from detector.model.rule import Action, Phase
from detector.model.tool import Catalogue
from detector.triage import names
from detector.triage.checks import Outcome, checks_of
from detector.triage.fold import hash_of

#: What a tool does when it is more than there.
_USED = frozenset({Phase.UNATTENDED_ACCESS, Phase.SESSION, Phase.COMMAND, Phase.TRANSFER, Phase.EXFILTRATION})
_UNEXPECTED = "Access that no clause expects"


@dataclass(frozen=True, slots=True)
class Chapter:
    """Everything one incident is told from. ``raising`` are uses not allowed, ``reaching`` steps to assets, rest context.

    ``tool_seen`` is false where no remote tool stands at its beginning: an asset was reached, and that is all.
    """

    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    raising: tuple[Finding, ...]
    reaching: tuple[Finding, ...]
    context: tuple[Finding, ...]
    edges: tuple[Edge, ...]
    read_models: bool
    tool_seen: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in time order."""
        return tuple(sorted((*self.raising, *self.reaching, *self.context), key=lambda f: (f.time, f.id)))


def incident_of(chapter: Chapter, inventory: Inventory, policy: Policy | None, catalogue: Catalogue) -> Incident:
    """Tell one story."""
    assets = _unique(f.asset for f in (*chapter.reaching, *chapter.raising) if f.asset)
    tools = _unique(f.tool for f in chapter.raising if f.tool)
    left = [f for f in (*chapter.raising, *chapter.context) if _sends_out(f)]
    level, reasons = _level(chapter, assets, left, policy, inventory)
    times = [ref.time for f in chapter.findings for ref in f.refs]
    title, summary = _told(chapter, assets, tools, left, inventory, catalogue)
    facts = Outcome(chapter.findings, chapter.edges, tools, assets, chapter.origins, bool(left))
    told = Incident(
        id="",
        level=level,
        title=title,
        summary=summary,
        first_seen=min(times),
        last_seen=max(times),
        origins=chapter.origins,
        assets=assets,
        tools=tools,
        users=names.distinct_users(f.user for f in (*chapter.raising, *chapter.reaching)),
        edges=chapter.edges,
        findings=tuple(f.id for f in chapter.findings),
        reasons=tuple(reasons),
        checks=tuple(checks_of(facts, inventory, catalogue)),
    )
    return replace(told, id="i-" + hash_of((told.level.word, told.origins, told.assets, told.findings)).hex()[:12])


def _sends_out(finding: Finding) -> bool:
    """Whether data went out; a copy tool's way in is told as a download."""
    if finding.action is None:
        return finding.phase is Phase.EXFILTRATION
    return finding.action is Action.UPLOAD


def _unique(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}, key=lambda value: (value.lower(), value)))


def _level(
    chapter: Chapter, assets: Sequence[str], left: list[Finding], policy: Policy | None, inventory: Inventory
) -> tuple[Level, list[str]]:
    """How bad, and why, in words: use that no clause covers, an asset reached, data taken, data gone."""
    telling = max((f.rule.level for f in chapter.raising), default=Level.LOW)
    unsanctioned = [f for f in chapter.raising if f.decision.verdict is Verdict.UNSANCTIONED]
    if not chapter.tool_seen:
        where = _listed(chapter.origins)
        reasons = [_reached(chapter, asset) for asset in assets]
        reasons += ["model files or data sets were read there"] if chapter.read_models else []
        reasons.append(f"no remote tool was seen on {where} in these logs: that lowers it")
        return (Level.MEDIUM if chapter.read_models else Level.LOW), reasons
    reasons = _why_not_allowed(chapter, policy)
    if not assets or inventory.guessed:
        used = any(f.phase is not Phase.COVER_UP for f in unsanctioned)  # taking a tool away is no use of it
        # Of a tool that the policy does not know, only that it is there or asks for its service is less than its use.
        used = used or (policy is not None and any(f.tool and f.phase in _USED for f in chapter.raising))
        base = Level.MEDIUM if used else min(Level.MEDIUM, telling)
        # A rule that names no tool (a public one, by --rules) is its author's judgement, not ours.
        base = max([base, *(f.rule.level for f in chapter.raising if f.tool is None)])
        if assets:
            return max(base, Level.MEDIUM), [*reasons, *_guessed(chapter, assets, inventory)]
        if not inventory.assets or inventory.guessed:
            reasons.append("no inventory was given (--assets): whether an AI asset was reached cannot be said")
        else:
            reasons.append("no way from there to an AI asset was seen in these logs")
        return base, reasons
    level = Level.HIGH if policy is not None or telling >= Level.HIGH else Level.MEDIUM
    reasons += [_reached(chapter, asset) for asset in assets]
    if chapter.read_models:
        reasons.append("model files or data sets were read there")
    if left:
        reasons.append(f"a copy left: {_first_value(left[0])}")
    if level is Level.HIGH and (left or chapter.read_models):
        level = Level.CRITICAL
    return level, reasons


def _why_not_allowed(chapter: Chapter, policy: Policy | None) -> list[str]:
    """One line for each tool on each machine, of its most telling use; then the shapes of abuse."""
    if policy is None:
        said = ["no policy was given (--policy): sanctioned use cannot be told apart"]
    else:
        nearest: dict[tuple[str, str], Finding] = {}
        for finding in sorted(chapter.raising, key=lambda f: (-f.rule.level, f.time, f.id)):
            nearest.setdefault((finding.tool or finding.rule.title, finding.host), finding)
        said = [f"{tool} on {host}: {finding.decision.because}" for (tool, host), finding in nearest.items()]
    abuse = _unique(f.rule.title for f in chapter.raising if f.rule.level >= Level.HIGH)
    kept = said[:4] + (
        [f"and {len(said) - 4} more reason{'s' if len(said) > 5 else ''} in the findings"] if len(said) > 4 else []
    )
    return kept + ([f"it has the shape of abuse: {_listed(abuse)}"] if abuse else [])


def _reached(chapter: Chapter, asset: str) -> str:
    """What shows best that the asset was reached: data read there, then what the asset itself logged, then the rest."""
    shown = [finding for finding in chapter.reaching if finding.asset == asset]
    if shown:
        best = min(shown, key=lambda f: (f.phase is not Phase.COLLECTION, names.host(asset) != f.host, f.time, f.id))
        return f"{asset} was reached: {best.rule.title.lower()} ({best.decision.because})"
    finding = next(f for f in chapter.raising if f.asset == asset)
    return f"{asset} was touched by {finding.tool or finding.rule.title} on {finding.host}: {_first_value(finding)}"


def _guessed(chapter: Chapter, assets: Sequence[str], inventory: Inventory) -> list[str]:
    """That an asset was reached, as far as machines that nobody listed can be said to be assets."""
    told = [_reached(chapter, asset) for asset in assets]
    why = [
        f"{asset} is taken for an AI asset by a guess: {inventory.guessed.get(asset, 'of its family')}"
        for asset in assets
    ]
    return [*told, *why, "a guess raises nothing above medium by itself: list your AI assets (--assets)"]


def _first_value(finding: Finding) -> str:
    for name in ("CommandLine", "ScriptBlockText", "TargetFilename", "Data", "DestinationHostname", "DestinationIp"):
        if finding.fields.get(name):
            text = finding.fields[name]
            return text if len(text) <= 160 else text[:157] + "..."
    return finding.rule.title


def _told(
    chapter: Chapter,
    assets: Sequence[str],
    tools: Sequence[str],
    left: list[Finding],
    inventory: Inventory,
    catalogue: Catalogue,
) -> tuple[str, str]:
    origin, subject = _listed(chapter.origins), _listed(_subjects(chapter, tools, catalogue))
    stolen = any(finding.decision.verdict is Verdict.UNSANCTIONED for finding in chapter.raising)
    how = f" reached {_listed(assets)}" if assets else " without sanction" if stolen else ""
    title = f"{subject} on {origin}{how}" if chapter.tool_seen else f"{_UNEXPECTED} from {origin}{how}"
    if left and assets:
        title += ", and data left"
    first = chapter.findings[0].time
    users = names.distinct_users(f.user for f in chapter.raising)
    users = users if chapter.tool_seen else names.distinct_users(f.user for f in chapter.reaching)
    what = f"{subject} on {origin}" if chapter.tool_seen else f"{_UNEXPECTED}, {origin} its start,"
    sentences = [f"{what} from {_when(first)}" + (f" as {_listed(users)}" if users else "") + "."]
    if chapter.edges:
        hops = [f"{edge.origin} to {edge.target} by {edge.via}" for edge in chapter.edges]
        sentences.append(f"From there: {_listed(hops)}.")
    if assets:
        roles = {asset.name: asset.role for asset in inventory.assets}
        named = [f"{name} ({roles[name]})" if name in roles else name for name in assets]
        what = "What may be AI assets, by a guess, was reached" if inventory.guessed else "AI assets reached"
        sentences.append(f"{what}: {_listed(named)}.")
    if left:
        sentences.append(f"Data was sent out {_when(left[0].time)} from {left[0].host}.")
    return title, " ".join(sentences)


def _subjects(chapter: Chapter, tools: Sequence[str], catalogue: Catalogue) -> list[str]:
    """What was used: the tools by name; where rules name none, the gravest rules; where a clause allowed it, that tool."""
    if tools:
        return [catalogue.tools[tool].name if tool in catalogue.tools else tool for tool in tools]
    graver = sorted(chapter.raising, key=lambda f: (-f.rule.level, f.time, f.rule.title))
    titles = list(dict.fromkeys(f.rule.title for f in graver))
    lent = _unique(f.tool for f in chapter.context if f.tool and f.decision.verdict is Verdict.ALLOWED)
    return titles or [catalogue.tools[tool].name for tool in lent if tool in catalogue.tools] or ["An allowed session"]


def _listed(words: Sequence[str]) -> str:
    if len(words) > 4:
        return f"{', '.join(words[:4])} and {len(words) - 4} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def edges_of(found: Mapping[tuple[str, str, str, str], list[tuple[datetime, str]]]) -> tuple[Edge, ...]:
    """Edges from ``(origin, target, via, user) -> [(time, finding id)]``, in time order, one an account.

    One session is logged by several events, each of which spells the user its own way, or not at all.
    """
    ways: dict[tuple[str, str, str], dict[str, list[tuple[datetime, str]]]] = defaultdict(lambda: defaultdict(list))
    for (origin, target, via, user), seen in found.items():
        ways[origin, target, via][user] += seen
    edges = [
        Edge(
            *way, user, min(t for t, _ in seen), max(t for t, _ in seen),
            tuple(dict.fromkeys(finding for _, finding in sorted(seen))),
        )
        for way, by_user in ways.items()
        for user, seen in _by_account(by_user).items()
    ]  # fmt: skip
    return tuple(sorted(edges, key=lambda edge: (edge.first_seen, edge.origin, edge.target, edge.via, edge.user)))


def _by_account(by_user: Mapping[str, list[tuple[datetime, str]]]) -> dict[str, list[tuple[datetime, str]]]:
    full = {names.account(user): user for user in names.distinct_users(by_user)}
    nobody = next(iter(full.values())) if len(full) == 1 else ""
    merged: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for user, seen in by_user.items():
        merged[full.get(names.account(user), nobody)] += seen
    return merged
