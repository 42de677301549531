"""The tail that all paths share: what was gathered becomes a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detector.app.harvest import Harvest
from detector.engine.unseen import unseen
from detector.model.loss import Loss
from detector.model.report import Input, Report, Run, Stats
from detector.model.rule import RuleSet
from detector.rules.uncollected import uncollected
from detector.triage.tell import tell
from detector.triage.walk import Setting


@dataclass(frozen=True, slots=True)
class Case:
    """What a run is judged by, and how the report names it."""

    rules: RuleSet
    setting: Setting
    run: Run


def judged(harvest: Harvest, case: Case, losses: Sequence[Loss]) -> Report:
    """The report of a run; ``losses`` are those from before anything was read (rules, folders)."""
    with uncollected():
        telling = tell(harvest.folder, harvest.book, case.setting)
    return Report(
        run=case.run,
        inputs=inputs(harvest),
        incidents=telling.incidents,
        findings=telling.findings,
        losses=lost(harvest, case, losses),
        stats=Stats(
            records=harvest.records,
            duplicates=harvest.folder.doubles,
            blocks=harvest.blocks,
            screened_out=harvest.screened,
            judged=harvest.judged,
        ),
    )


def lost(harvest: Harvest, case: Case, before: Sequence[Loss]) -> tuple[Loss, ...]:
    """All that was not read or could not be judged; ``before`` from before anything was read."""
    blind = unseen(case.rules, harvest.coverage.seen()) if harvest.judged else []
    return summed([*before, *harvest.losses, *harvest.coverage.losses(case.rules), *blind])


def inputs(harvest: Harvest) -> tuple[Input, ...]:
    """What was read, in a fixed order."""
    return tuple(sorted(harvest.inputs.values(), key=lambda one: one.path))


def quoted(report: Report) -> frozenset[str]:
    """The files that findings rest on."""
    return frozenset(ref.source for finding in report.findings for ref in finding.refs)


def summed(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Losses that say the same as one with their counts added, in a fixed order."""
    counts: Counter[tuple[str, str, str]] = Counter()
    kinds = {}
    for loss in losses:
        key = (loss.kind.value, loss.where, loss.why)
        counts[key] += loss.count
        kinds[key] = loss.kind
    return tuple(Loss(kinds[key], key[1], key[2], count) for key, count in sorted(counts.items()))
