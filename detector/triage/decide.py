"""Sanctioned or stolen? One use of one tool against the clauses of the policy, key by key."""

from __future__ import annotations

from dataclasses import dataclass

from detector.model.policy import Decision, Policy, ToolClause, Verdict
from detector.triage.clause_keys import CHECKS, Fit, Ground
from detector.triage.identity import Directory
from detector.triage.traits import Traits


@dataclass(frozen=True, slots=True)
class Judged:
    """One clause against one use: how each of its keys stands, and what to say of those that do not hold."""

    clause: ToolClause
    fits: tuple[tuple[str, Fit], ...]
    said: tuple[str, ...]

    @property
    def failing(self) -> list[str]:
        """Keys that are shown and do not hold."""
        return [key for key, fit in self.fits if fit is Fit.NO]

    @property
    def unshown(self) -> list[str]:
        """Keys the clause rests on that no event shows."""
        return [key for key, fit in self.fits if fit is Fit.UNSHOWN]

    @property
    def identified(self) -> bool:
        """Whether anything says that it is *this* installation and not just one of the same product."""
        return any(fit is Fit.YES and key in _IDENTITY for key, fit in self.fits)


_IDENTITY = frozenset({"tenant", "path", "signer", "config", "remotes", "operators", "users", "install"})


class Judge:
    """Decides on uses of tools. Pure: the same policy, directory and traits give the same decision."""

    def __init__(self, policy: Policy | None, directory: Directory) -> None:
        self._ground = Ground(policy, directory) if policy is not None else None

    def decide(self, traits: Traits, *, reaches: str | None) -> Decision:
        """The verdict on one use; ``reaches`` names the AI asset it touches, if any."""
        name = traits.tool.name or traits.tool.id
        ground = self._ground
        if ground is None:
            return Decision(Verdict.UNKNOWN, None, "no policy was given")
        clauses = [clause for clause in ground.policy.tools if clause.tool == traits.tool.id]
        if not traits.tool.id:
            return Decision(Verdict.UNKNOWN, None, "the rule names no tool that a policy could allow")
        if not clauses:
            return Decision(Verdict.UNKNOWN, None, f"the policy says nothing about {name}")
        judged = [_judged(clause, traits, ground, reaches=reaches) for clause in clauses]
        covering = [one for one in judged if not one.failing and not one.unshown]
        if covering:
            return Decision(Verdict.ALLOWED, covering[0].clause.id, _holding(covering[0]))
        nearest = min(judged, key=lambda one: (len(one.failing), not one.identified, len(one.unshown)))
        clause = nearest.clause.id
        if nearest.failing or not nearest.identified:
            return Decision(Verdict.UNSANCTIONED, clause, _not_holding(nearest))
        missing = ", ".join(nearest.unshown)
        because = f"{clause} would cover it, but no event shows {missing}"
        return Decision(Verdict.UNKNOWN, clause, because, tuple(nearest.unshown))


def _judged(clause: ToolClause, traits: Traits, ground: Ground, *, reaches: str | None) -> Judged:
    """One clause, key by key."""
    fits: list[tuple[str, Fit]] = []
    said: list[str] = []
    for key, check in CHECKS.items():
        answer = check(clause, traits, ground)
        if answer is not None:
            fits.append((key, answer[0]))
            if answer[0] is Fit.NO:
                said.append(answer[1])
    if reaches is not None and not clause.reach_ai:
        fits.append(("reach_ai", Fit.NO))
        said.append(f"it reaches {reaches} and the clause has no reach_ai")
    return Judged(clause, tuple(fits), tuple(said))


def _not_holding(judged: Judged) -> str:
    """The one key that failed, or what did."""
    clause = judged.clause.id
    if len(judged.failing) == 1:
        return f"{clause} would cover it, but for its {judged.failing[0]}: {judged.said[0]}"
    said = "; ".join(judged.said) or f"nothing shows that it is the installation of {clause}"
    return f"{clause} does not cover it: {said}"


def _holding(judged: Judged) -> str:
    keys = [key for key, fit in judged.fits if fit is Fit.YES]
    return f"{judged.clause.id} covers it: {', '.join(keys)} fit" if keys else f"{judged.clause.id} covers it"
