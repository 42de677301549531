"""``config check --evidence``: what a policy allows and raises on given evidence, and what another one would have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from detector.app.judge import lost
from detector.app.scan import Request, Watcher, load_setting, reading
from detector.model.finding import Finding
from detector.model.level import Level
from detector.model.loss import Loss
from detector.model.policy import Policy, Verdict
from detector.rules.uncollected import uncollected
from detector.triage.tell import Telling, tell


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the evidence tells under the policy, and under the one before it if one was given."""

    policy: Policy
    now: Telling
    before: Telling | None
    losses: tuple[Loss, ...]


def simulated(request: Request, before: Path | None, watcher: Watcher | None = None) -> Simulated:
    """Read the evidence once and judge it by each policy. Raises what :func:`detector.app.scan.scan` raises."""
    earlier = load_setting(request.assets, before, request.cache) if before is not None else None
    with reading(replace(request, every_tool=True), watcher or Watcher()) as found, uncollected():
        harvest, setting = found.harvest, found.case.setting
        now = tell(harvest.folder, harvest.book, setting)
        then = tell(harvest.folder, harvest.book, earlier) if earlier is not None else None
        losses = lost(harvest, found.case, found.losses)
    return Simulated(setting.policy or Policy(), now, then, losses)


def described(result: Simulated) -> Iterator[str]:
    """One line a thing: how often each clause allowed something, which never did, what is raised, and what changed."""
    used = Counter(f.decision.policy or "" for f in result.now.findings if f.decision.verdict is Verdict.ALLOWED)
    policy = result.policy
    ids = [*(t.id for t in policy.tools), *(a.id for a in policy.access), *(b.id for b in policy.bulk_read)]
    for clause_id in ids:
        count = used[clause_id]
        told = f"allowed {count} finding{'s' * (count != 1)}" if count else "never used on this evidence"
        yield f"{clause_id}: {told}"
    raised = [incident for incident in result.now.incidents if incident.level > Level.INFORMATIONAL]
    yield f"{len(raised)} incident{'s' * (len(raised) != 1)}"
    for incident in raised:
        yield f"  {incident.level.word}: {incident.title}"
    if result.before is not None:
        yield from _changes(result.before, result.now)


def _changes(before: Telling, now: Telling) -> Iterator[str]:
    was = {_key(finding): finding for finding in before.findings}
    kinds: dict[str, list[Finding]] = defaultdict(list)
    for finding in now.findings:
        old = was.get(_key(finding))
        then = old.decision.verdict is Verdict.ALLOWED if old is not None else None
        allowed = finding.decision.verdict is Verdict.ALLOWED
        if then is not None and then != allowed:
            kinds["newly allowed" if allowed else "no longer allowed"].append(finding)
    if not kinds:
        yield "no finding is decided otherwise than by the policy before"
    for kind, findings in sorted(kinds.items()):
        places = Counter((f.tool or f.rule.title, f.host, f.decision.because) for f in findings)
        yield f"{kind}: {len(findings)} finding{'s' * (len(findings) != 1)}"
        for (what, host, because), count in sorted(places.items()):
            yield f"  {what} on {host} ({count}): {because}"


def _key(finding: Finding) -> tuple[object, ...]:
    ref = finding.refs[0]
    return (finding.rule.id, *ref.identity)
