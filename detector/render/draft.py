"""First ``assets.yml`` and ``policy.yml`` out of what was seen, for somebody to review: nothing in them is sanctioned yet.

Lines that begin with ``##`` are for people, lines that begin with ``#`` an entry that is not in force: whoever takes the sign
away in front of one has sanctioned it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from detector.model.tool import Catalogue
from detector.render.plain import LIVE, encodable, shortened, shown
from detector.triage.seen import KEYS, SeenTool

_MOST = 8
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: What a draft of an entry asks: of tools that copy, all that makes one job; of others whose it is and where it runs.
_OF_COPIES = ("hosts", "users", "path", "config", "remotes", "sources")
_OF_OTHERS = ("hosts",)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a draft is made from. ``machines``: names with the addresses they were seen with; ``guesses``: machines that may be
    AI assets, each with its role and why.
    """

    files: int
    first: datetime | None
    last: datetime | None
    tools: Sequence[SeenTool]
    machines: Sequence[tuple[str, Sequence[str]]]
    guesses: Sequence[tuple[str, str, str]]
    dns_domains: Sequence[str]
    netbios_domain: str
    complete: bool


def quoted(text: str) -> str:
    """A text as a YAML value that is read back as it is."""
    text = encodable(text)
    return json.dumps(text) if LIVE.search(text) else "'" + text.replace("'", "''") + "'"


def pattern(text: str) -> str:
    """A value as a pattern of the policy that fits it alone."""
    return quoted("".join(f"[{char}]" if char in "*?[" else char for char in text))


def policy_draft(evidence: Evidence, catalogue: Catalogue) -> str:
    """The text of a first ``policy.yml``."""
    lines = [
        *_head(evidence, "policy.yml"),
        "version: 1",
        "timezone: UTC   # yours, such as Europe/Berlin: hours are local",
        "",
    ]
    if not evidence.tools:
        return "\n".join([*lines, "## No remote, copy or tunnel tool was seen.", ""])
    lines += [
        "## Nothing is sanctioned. To sanction an installation, take the # away in front of `tools:` and of its lines, and give",
        "## it an owner, hours and operators; docs/policy.md has every key. What you leave is reported.",
        "#tools:",
    ]
    used: Counter[str] = Counter()
    for seen in evidence.tools:
        lines += ["", *_told(seen), *_entry(seen, catalogue, used)]
    return "\n".join([*lines, ""])


def assets_draft(evidence: Evidence) -> str:
    """The text of a first ``assets.yml``."""
    lines = [*_head(evidence, "assets.yml"), "version: 1"]
    if evidence.dns_domains or evidence.netbios_domain:
        lines += ["", "organisation:"]
        lines += [f"  dns_domains: [{', '.join(map(quoted, evidence.dns_domains))}]"] if evidence.dns_domains else []
        lines += [f"  netbios_domain: {quoted(evidence.netbios_domain)}"] if evidence.netbios_domain else []
    lines += [
        "",
        "## The machines that hold models, data sets or serve them; docs/assets.md has every key.",
        "#assets:",
    ]
    for name, role, why in evidence.guesses or [("VAULT1", "weights", "an example")]:
        lines += [
            f"## {_plain(name)}: {_plain(why)}",
            f"#  - {{name: {quoted(name)}, role: {role}, criticality: medium}}",
        ]
    if evidence.machines:
        lines += [
            "",
            "## Machines seen with an address that did not change; take out those that move (DHCP, VPN).",
            "hosts:",
        ]
        lines += [
            f"  - {{name: {quoted(name)}, addresses: [{', '.join(map(quoted, addresses))}]}}"
            for name, addresses in evidence.machines
        ]
    return "\n".join([*lines, ""])


def _head(evidence: Evidence, name: str) -> Iterator[str]:
    span = f", {_day(evidence.first)} to {_day(evidence.last)}" if evidence.first and evidence.last else ""
    yield f"## A first {name}, drafted by rmm-detector from {evidence.files} file{'s' * (evidence.files != 1)}{span}. For review."
    if not evidence.complete:
        yield "## Not everything could be read or judged: there may be more than stands here."


def _day(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _told(seen: SeenTool) -> Iterator[str]:
    """What was seen of an installation, for people."""
    when = f"{_day(seen.first)} to {_day(seen.last)} UTC" if seen.first and seen.last else ""
    yield f"## {seen.name}: {seen.count} event{'s' * (seen.count != 1)}, {when}"
    if not seen.tenant:
        yield "##   nothing shows whose installation it is"
    for key, value in seen.tenant:
        yield f"##   {key}: {_plain(value)}"
    if seen.actions:
        yield f"##   actions: {_counted({action.value: count for action, count in seen.actions.items()})}"
    for key in KEYS:
        if seen.shown.get(key):
            yield f"##   {key}: {_counted(seen.shown[key])}"
    yield f"##   hours (UTC): {_hours(seen)}"


def _counted(counts: Counter[str] | dict[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{_plain(value)} ({count})" for value, count in ranked[:_MOST]]
    return ", ".join(told) + (f" and {len(ranked) - _MOST} more" if len(ranked) > _MOST else "")


def _plain(text: str) -> str:
    return shortened(shown(text), 120)


def _hours(seen: SeenTool) -> str:
    """Days that look alike together: ``Mon-Fri 07-18: 120``."""
    of_day: dict[int, Counter[int]] = {}
    for (day, hour), count in seen.hours.items():
        of_day.setdefault(day, Counter())[hour] += count
    return ", ".join(
        f"{_DAYS[day]} {min(hours):02d}-{max(hours):02d}h ({sum(hours.values())})"
        for day, hours in sorted(of_day.items())
    )


def _entry(seen: SeenTool, catalogue: Catalogue, used: Counter[str]) -> Iterator[str]:
    """The entry that would sanction it, not in force."""
    tool = catalogue.tools.get(seen.tool)
    copies = tool is not None and tool.kind == "copy"
    used[seen.tool] += 1
    yield f"#  - id: {seen.tool}-{used[seen.tool]}"
    yield f"#    tool: {seen.tool}"
    if seen.tenant:
        yield f"#    tenant: {{{', '.join(f'{key}: {pattern(value)}' for key, value in seen.tenant)}}}"
    for key in _OF_COPIES if copies else _OF_OTHERS:
        values = sorted(seen.shown.get(key, ()))
        if values:
            yield f"#    {key}: {_listed(values)}"
    if seen.actions:
        yield f"#    actions: [{', '.join(sorted(action.value for action in seen.actions))}]"


def _listed(values: Iterable[str]) -> str:
    return f"[{', '.join(map(pattern, values))}]"
