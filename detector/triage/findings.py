"""Hits that were judged become findings: one for every thing said, with the events that say it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detector.model.event import Event
from detector.model.finding import Finding, RuleRef
from detector.model.hit import Hit
from detector.model.policy import Decision, Verdict
from detector.model.rule import Action
from detector.triage.fold import Group, hash_of, identity_of, order

#: Fields that tell the story of an event, shown even where no rule asked for them, in this order.
_TELLING = (
    "Image", "CommandLine", "ParentImage", "OriginalFileName", "Company", "User", "ServiceName", "ImagePath",
    "ServiceFileName", "TargetFilename", "QueryName", "DestinationHostname", "DestinationIp", "DestinationPort",
    "PipeName", "TargetObject", "Details", "Data", "ScriptBlockText", "TaskName", "TaskContent", "TargetUserName",
    "SubjectUserName", "IpAddress", "WorkstationName", "LogonType", "TargetServerName", "ShareName", "RelativeTargetName",
    "Param1", "Param3", "Address", "Value", "Application", "DestAddress", "DestPort",
)  # fmt: skip

_MOST_FIELDS = 14


@dataclass(frozen=True, slots=True)
class Told:
    """One kept hit with what was decided of it; the AI asset it touches, and its action (a copy's direction is known).

    ``use``: it was judged as the use of a tool, and not only as what surrounds one.
    """

    hit: Hit
    decision: Decision
    asset: str | None = None
    action: Action | None = None
    use: bool = False

    @property
    def raises(self) -> bool:
        """Whether it alone raises an incident: a use, not allowed, and nothing it rests on is merely not shown."""
        return self.use and self.decision.verdict is not Verdict.ALLOWED and not self.decision.undecided


def fields_of(hit: Hit) -> dict[str, str]:
    """The values of a hit that matched or that tell the story; the matched ones first."""
    wanted = [*hit.fields, *(name for name in _TELLING if name in hit.event.fields)]
    shown: dict[str, str] = {}
    for name in wanted:
        text = hit.event.text(name)
        if text and text != "-" and len(shown) < _MOST_FIELDS:
            shown.setdefault(name, text)
    return shown


def findings_of(group: Group, told: Iterable[Told]) -> list[tuple[Finding, list[Told]]]:
    """The findings of one folded group: one per decision and asset, with the hits each stands for, in time order."""
    split: dict[tuple[str, ...], list[Told]] = defaultdict(list)
    for one in told:
        decision = one.decision
        split[decision.verdict.value, decision.policy or "", decision.because, one.asset or ""].append(one)
    parts = sorted(split.values(), key=lambda part: order(part[0].hit.event))
    folded_away = group.count - len(group.finished())
    return [(_finding_of(part, folded_away if index == 0 else 0), part) for index, part in enumerate(parts)]


def _finding_of(part: Sequence[Told], folded_away: int) -> Finding:
    first = part[0].hit
    event, rule = first.event, first.rule
    refs = tuple(ref for one in part for ref in one.hit.refs)
    identity = (rule.id, identity_of(event), part[0].decision.verdict.value, part[0].asset)
    return Finding(
        id="f-" + hash_of(identity).hex()[:12],
        rule=RuleRef(rule.id, rule.title, rule.level),
        tool=rule.tool,
        phase=rule.phase,
        action=part[0].action,
        host=event.host,
        user=_user(event),
        time=event.time,
        refs=refs,
        fields=fields_of(first),
        asset=part[0].asset,
        decision=part[0].decision,
        count=len(part) + folded_away,
    )


def _user(event: Event) -> str:
    provider = event.ref.provider.lower()
    if "security-auditing" in provider and event.ref.event_id in (4624, 4625, 4648):
        return event.text("TargetUserName")
    user = event.text("User") or event.text("SubjectUserName") or event.text("Param1")
    return "" if user == "-" else user
