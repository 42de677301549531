"""What to look at next: questions a responder can answer, made from what was seen and from what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detector.model.asset import Inventory
from detector.model.finding import Finding
from detector.model.incident import Edge
from detector.model.policy import Verdict
from detector.model.rule import Phase
from detector.model.tool import Catalogue, Tool
from detector.triage.names import account, distinct_users, host_fits
from detector.triage.traits import trait

#: Accounts of Windows itself: they have no password that somebody could change.
_SERVICES = frozenset({"system", "local service", "network service"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an incident tells, as far as the next steps hang on it. ``left``: data was sent out."""

    findings: Sequence[Finding]
    edges: Sequence[Edge]
    tools: Sequence[str]
    assets: Sequence[str]
    origins: Sequence[str]
    left: bool


def checks_of(told: Outcome, inventory: Inventory, catalogue: Catalogue) -> Iterator[str]:
    """The checks of one incident, most urgent first."""
    findings, tools, assets, origins, left = told.findings, told.tools, told.assets, told.origins, told.left
    phases = {finding.phase for finding in findings}
    where = ", ".join(origins)
    if origins:
        yield f"Ask the people at {where} whether they started or expected the session; if not, cut {where} off the network."
    if Phase.UNATTENDED_ACCESS in phases or Phase.INSTALL in phases:
        yield f"The tool is installed: it comes back after a reboot. Remove it from {where} after taking evidence."
    users = distinct_users(f.user for f in findings if not f.user.endswith("$") and account(f.user) not in _SERVICES)
    if users:
        yield f"Change the credentials of {', '.join(users[:6])}, and look for their logons elsewhere."
    for tenant, tool in _tenants(findings, catalogue):
        if tool.kind == "copy":
            yield f"Block where {tool.name} sends to ({tenant}), and ask whoever runs it to keep what came."
        else:
            maker = f" ({tool.vendor})" if tool.vendor else ""
            yield f"Report this {tool.name} to its maker{maker}, and block it, unless it is yours: {tenant}."
    yield from _missing(told, inventory)
    for tool_id in tools:
        if tool_id in _TRACES:
            yield _TRACES[tool_id]
    if assets:
        names = ", ".join(assets)
        if left:
            yield f"Treat what lay on {names} as gone: firewall or proxy records of the destination tell how much."
        else:
            yield f"See on {names} which model files were read or packed; see in proxy records of {where} what left."
    else:
        yield f"See whether logs of the AI servers cover {where}'s time span; what they did not log, this scan could not see."


def _tenants(findings: Sequence[Finding], catalogue: Catalogue) -> Iterator[tuple[str, Tool]]:
    """Whose installations were used against the policy, as far as events show."""
    seen: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        tool = catalogue.tools.get(finding.tool or "")
        if tool is None or finding.decision.verdict is Verdict.ALLOWED:
            continue
        for key in tool.shows:
            value = trait(tool, key, list(finding.fields.values()))
            if value and value not in (known := seen.setdefault((tool.id, key), [])):
                known.append(value)
    by_tool: dict[str, list[str]] = {}
    for (tool_id, key), values in seen.items():
        by_tool.setdefault(tool_id, []).append(f"{key.replace('_', ' ')} {' and '.join(values[:3])}")
    for tool_id, said in by_tool.items():
        yield ", ".join(said[:4]), catalogue.tools[tool_id]


def _missing(told: Outcome, inventory: Inventory) -> Iterator[str]:
    """Logs of machines on the road that would tell more and are not here."""
    logged = {finding.host for finding in told.findings} | {"INTERNET"}
    silent = {asset.name for asset in inventory.assets if not asset.sends_logs}
    members = [pattern for asset in inventory.assets if not asset.sends_logs for pattern in asset.match]
    road = dict.fromkeys([*told.assets, *(place for edge in told.edges for place in (edge.origin, edge.target))])
    away = [place for place in road if place.upper() not in logged]
    own = [place for place in away if place in silent or host_fits(members, place) or place.split(" (")[0] in silent]
    windows = [place for place in away if place not in own]
    if own:
        yield f"Fetch what {', '.join(own)} logged itself (sshd, SMB or object store audit): it sends no Windows events."
    if windows:
        yield f"Fetch the Security and Sysmon logs of {', '.join(windows[:6])}: none of their events tells of this."


#: Where a tool keeps its own record of sessions (rmm-facts 1.1 to 1.3).
_TRACES = {
    "anydesk": "Collect %ProgramData%\\AnyDesk\\connection_trace.txt and ad_svc.trace (and %AppData%\\AnyDesk\\ad.trace):"
    " they name the caller's id and address.",
    "screenconnect": "Read the relay (h=) and instance id of the ScreenConnect service: they name the server that steers it.",
    "rclone": "Collect rclone.conf (%AppData%\\rclone, or the file after --config): it holds the remote's address and keys.",
}
