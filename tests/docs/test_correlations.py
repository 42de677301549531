"""docs/correlations.md: its example runs and finds what it says; its limits and types are the engine's."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from detector.engine.correlate_bursts import QUOTED
from detector.engine.correlate_hits import MOST_HITS
from detector.engine.correlate_observed import MOST, MOST_WHOLE
from detector.model.correlation import CorrelationType, Operator
from tests.cli.program import no_traceback, run


def page(root: Path) -> str:
    return (root / "docs/correlations.md").read_text(encoding="utf-8")


def test_the_example_finds_what_it_says(root: Path, tmp_path: Path) -> None:
    text = page(root)
    (rules,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (command,) = re.findall(r"^\$ rmm-detector (.*)$", text, re.MULTILINE)
    (tmp_path / "recon.yml").write_text(rules, encoding="utf-8")
    (tmp_path / "samples").symlink_to(root / "samples")
    done = run(*shlex.split(command), cwd=tmp_path)
    no_traceback(done)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["losses"] == []
    found = [
        (one["time"][:19].replace("T", " "), one["host"], one["rule"]["title"], one["fields"]["events"])
        for one in report["findings"]
    ]
    told = re.findall(r"^\| (20\S+ \S+) \| (\S+) \| (.*?) \| (\d+) \|$", text, re.MULTILINE)
    assert len(told) == 2
    assert found == told


def test_every_type_and_bound_is_told(root: Path) -> None:
    text = page(root)
    assert [one for one in (*CorrelationType, *Operator) if f"`{one}`" not in text] == []


def test_the_limits_are_the_engines(root: Path) -> None:
    text = page(root)
    assert [one for one in (MOST, MOST_WHOLE, MOST_HITS) if f"{one:,}" not in text] == []
    assert f"at most {QUOTED}:" in text
