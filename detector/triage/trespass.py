"""AI assets reached against the policy where no remote tool is seen: what logons, shares and sessions show by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from detector.model.asset import Asset
from detector.model.policy import Policy, Verdict
from detector.triage import names
from detector.triage.access import speaks_of
from detector.triage.movement import HANDS
from detector.triage.reach import APART, Step


def trespasses(touches: Iterable[Step], told: Iterable[Step], policy: Policy | None) -> list[tuple[Step, ...]]:
    """Touches that nobody expects and that are no step of a told road (``told``), one story each, in time order.

    Only where the policy says who may reach the asset, and only what leaves no doubt that it *was* reached: files of its
    shares read, a session opened on it by hand. One machine and account is one story until a long silence.
    """
    if policy is None:
        return []
    known = {id(step.move.hit) for step in told}
    stories: dict[tuple[str, str], list[list[Step]]] = defaultdict(list)
    ours = [step for step in touches if id(step.move.hit) not in known and _is_trespass(step, policy)]
    for step in sorted(ours, key=_time):
        of_one = stories[step.move.origin, names.account(step.move.user)]
        if of_one and _time(step) - _time(of_one[-1][-1]) <= APART:
            of_one[-1].append(step)
        else:
            of_one.append([step])
    found = [tuple(story) for of_one in stories.values() for story in of_one]
    return sorted(found, key=lambda story: (_time(story[0]), story[0].move.origin, story[0].move.user))


def _time(step: Step) -> datetime:
    return step.move.event.time


def _is_trespass(step: Step, policy: Policy) -> bool:
    move = step.move
    if move.asset is None or not step.raises or step.decision.verdict is not Verdict.UNSANCTIONED:
        return False
    if not names.account(move.user) or not speaks_of(policy, move.asset):
        return False
    if move.reads:
        return _is_model_share(move.share, move.asset.asset)
    there = names.host(move.event.host) == move.target or not move.asset.asset.sends_logs
    return there and move.protocol in HANDS


def _is_model_share(share: str, asset: Asset) -> bool:
    """Whether the share is one of the asset's that hold models; where none is listed, one that people made."""
    return names.fits_any(asset.shares, share) if asset.shares else not share.endswith("$")
