"""The answer for the samples, word for word. It changes on purpose only: `make golden`, then look at the difference."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.golden.tools_page import page

HERE = Path(__file__).parent
SETTING = ("--assets", "samples/assets.yml", "--policy", "samples/policy.yml")


def answer(root: Path) -> str:
    """What a person reads."""
    return run("scan", "samples", *SETTING, cwd=root).stdout.decode()


def incidents(root: Path) -> str:
    """The incidents and losses of report.json; the findings would fill a book."""
    report = json.loads(run("scan", "samples", *SETTING, "-q", "--format", "json", cwd=root).stdout)
    return (
        json.dumps({key: report[key] for key in ("complete", "incidents", "losses")}, indent=1, sort_keys=True) + "\n"
    )


def rules(root: Path) -> str:
    """The pack."""
    return run("rules", "list", cwd=root).stdout.decode()


def tools(root: Path) -> str:
    """The page about the tools."""
    return page()


@pytest.mark.parametrize(
    ("name", "made"),
    [("answer.txt", answer), ("incidents.json", incidents), ("rules.tsv", rules), ("../../docs/tools.md", tools)],
    ids=lambda v: str(v)[:14],
)
def test_golden(root: Path, name: str, made: Callable[[Path], str]) -> None:
    """Contributing: "Golden files change on purpose only"."""
    text = made(root)
    path = HERE / name
    if os.environ.get("RMM_DETECTOR_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
