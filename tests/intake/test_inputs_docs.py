"""``docs/inputs.md`` is held to the code."""

from __future__ import annotations

from pathlib import Path

from detector.intake.lines import LONGEST
from detector.intake.tally import NAMED
from detector.model.loss import LossKind

#: Kinds of loss that come of judging, not of reading.
LATER = {LossKind.RULE, LossKind.NOT_EVALUABLE, LossKind.TIMEOUT, LossKind.INTERRUPTED, LossKind.WORKER}


def test_kinds_and_limits_are_named(root: Path) -> None:
    text = (root / "docs/inputs.md").read_text()
    assert {kind for kind in LossKind if f"| `{kind}` |" in text} == set(LossKind) - LATER
    assert f"{LONGEST >> 20} MiB" in text
    assert f"after {NAMED} a file" in text
