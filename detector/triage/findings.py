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
from detector.triage import names
from detector.triage.fold import Group, hash_of, order
from detector.triage.identity import Directory
from detector.triage.traits import Traits

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
class Use:
    """One kept hit of a use rule with what it shows and what the policy says of it."""

    hit: Hit
    traits: Traits
    asset: str | None
    decision: Decision

    @property
    def raises(self) -> bool:
        """Whether this use alone raises an incident: not allowed, and nothing it rests on is merely not shown."""
        return self.decision.verdict is not Verdict.ALLOWED and not self.decision.undecided


def asset_of_use(event: Event, traits: Traits, directory: Directory) -> str | None:
    """The AI asset a use touches: the one it names, by UNC path, host or address; or the machine's own model files.

    What a download writes to, and a machine of the inventory on which the tool merely runs, are not *reached*.
    """
    time = event.time
    if traits.action is Action.DOWNLOAD and traits.commanded:
        texts = [*traits.sources]
    elif traits.commanded and traits.sources:
        texts = [*traits.sources, *traits.targets]
    else:
        texts = [
            event.text(name)
            for name in ("CommandLine", "ScriptBlockText", "TaskContent", "DestinationHostname", "DestinationIp")
        ]
    for text in texts:
        for member in directory.mentions(text, time):
            if names.host(member.name) != event.host:
                return member.name
    here = directory.asset(event.host, time)
    if (
        here is not None
        and traits.action is not Action.DOWNLOAD
        and any(directory.local_asset_path(event.host, t, time) for t in texts)
    ):
        return here.name
    return None


def fields_of(hits: Sequence[Hit]) -> dict[str, str]:
    """The values of the first hit that matched or that tell the story; the matched ones first."""
    hit = hits[0]
    wanted = [*hit.fields, *(name for name in _TELLING if name in hit.event.fields)]
    shown: dict[str, str] = {}
    for name in wanted:
        text = hit.event.text(name)
        if text and text != "-" and len(shown) < _MOST_FIELDS:
            shown.setdefault(name, text)
    return shown


def finding_of(
    hits: Sequence[Hit], decision: Decision, asset: str | None, *, action: Action | None, count: int
) -> Finding:
    """A finding of hits that say the same and were decided the same. ``hits`` is not empty and in time order."""
    first = hits[0]
    event = first.event
    refs = tuple(hit.event.ref for hit in hits)
    identity = (first.rule.id, refs[0].identity, decision.verdict.value, asset)
    return Finding(
        id="f-" + hash_of(identity).hex()[:12],
        rule=RuleRef(first.rule.id, first.rule.title, first.rule.level),
        tool=first.rule.tool,
        phase=first.rule.phase,
        action=action,
        host=event.host,
        user=_user(event),
        time=event.time,
        refs=refs,
        fields=fields_of(hits),
        asset=asset,
        decision=decision,
        count=count,
    )


def findings_of_uses(group: Group, uses: Iterable[Use]) -> list[tuple[Finding, list[Use]]]:
    """The findings of one folded group: one per decision and asset, with the uses each stands for."""
    split: dict[tuple[str, ...], list[Use]] = defaultdict(list)
    for use in uses:
        decision = use.decision
        split[decision.verdict.value, decision.policy or "", decision.because, use.asset or ""].append(use)
    made: list[tuple[Finding, list[Use]]] = []
    folded_away = group.count - sum(len(part) for part in split.values())
    for part in sorted(split.values(), key=lambda part: order(part[0].hit.event)):
        hits = [use.hit for use in part]
        count = len(hits) + (folded_away if not made else 0)
        made.append(
            (finding_of(hits, part[0].decision, part[0].asset, action=part[0].traits.action, count=count), part)
        )
    return made


def _user(event: Event) -> str:
    provider = event.ref.provider.lower()
    if "security-auditing" in provider and event.ref.event_id in (4624, 4625, 4648):
        return event.text("TargetUserName")
    user = event.text("User") or event.text("SubjectUserName") or event.text("Param1")
    return "" if user == "-" else user
