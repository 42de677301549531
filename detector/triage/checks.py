"""What to look at next: questions a responder can answer, made from what was seen and from what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detector.model.finding import Finding
from detector.model.rule import Phase
from detector.triage.names import account, distinct_users

#: Accounts of Windows itself: they have no password that somebody could change.
_SERVICES = frozenset({"system", "local service", "network service"})


def checks_of(
    findings: Sequence[Finding], tools: Sequence[str], assets: Sequence[str], origins: Sequence[str], left: bool
) -> Iterator[str]:
    """The checks of one incident, most urgent first."""
    phases = {finding.phase for finding in findings}
    where = ", ".join(origins)
    if origins:
        yield f"Ask the people at {where} whether they started or expected the session; if not, cut {where} off the network."
    if Phase.UNATTENDED_ACCESS in phases or Phase.INSTALL in phases:
        yield f"The tool is installed: it comes back after a reboot. Remove it from {where} after taking evidence."
    users = distinct_users(f.user for f in findings if not f.user.endswith("$") and account(f.user) not in _SERVICES)
    if users:
        yield f"Change the credentials of {', '.join(users[:6])}, and look for their logons elsewhere."
    for tool in tools:
        if tool in _TRACES:
            yield _TRACES[tool]
    if assets:
        names = ", ".join(assets)
        if left:
            yield f"Treat what lay on {names} as gone: firewall or proxy records of the destination tell how much."
        else:
            yield f"See on {names} which model files were read or packed; see in proxy records of {where} what left."
    else:
        yield f"See whether logs of the AI servers cover {where}'s time span; what they did not log, this scan could not see."


#: Where a tool keeps its own record of sessions (rmm-facts 1.1 to 1.3).
_TRACES = {
    "anydesk": "Collect %ProgramData%\\AnyDesk\\connection_trace.txt and ad_svc.trace (and %AppData%\\AnyDesk\\ad.trace):"
    " they name the caller's id and address.",
    "screenconnect": "Read the relay (h=) and instance id of the ScreenConnect service: they name the server that steers it.",
    "rclone": "Collect rclone.conf (%AppData%\\rclone, or the file after --config): it holds the remote's address and keys.",
}
