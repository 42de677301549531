"""``config check``: load everything a scan would load, and say what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from detector.app.scan import load_setting
from detector.errors import Problem, RuleError
from detector.rules import load_rules
from detector.rules.cache import Cache
from detector.triage.clauses import remarks
from detector.triage.hours import local


def checked(
    assets: Path | None, policy: Path | None, rules: Sequence[Path], cache: Cache, now: datetime
) -> Iterator[str]:
    """One line about each thing that is right, and one about each clause to look at. ``now`` tells what has expired.

    Raises ``ConfigError`` or ``RuleError`` with every problem.
    """
    setting = load_setting(assets, policy)
    inventory = setting.inventory
    if assets is not None:
        yield f"{assets}: {len(inventory.assets)} assets, {len(inventory.host_groups)} host groups, no problem"
    if policy is not None and setting.policy is not None:
        known = setting.policy
        clauses = len(known.tools) + len(known.access) + len(known.bulk_read)
        yield f"{policy}: {clauses} clauses, {len(known.tickets)} tickets, time zone {known.timezone}, no problem"
        for remark in remarks(known, local(now, known.timezone).date()):
            yield f"{policy}:{remark.line}: {remark.clause}: {remark.text}"
    if rules:
        loaded, losses = load_rules(rules, cache)
        if losses:
            raise RuleError([Problem(loss.where, 0, 0, "", loss.why) for loss in losses])
        yield f"{', '.join(str(path) for path in rules)}: {len(loaded.rules) + len(loaded.correlations)} rules, no problem"
