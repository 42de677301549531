"""docs/report.md describes every key of ``report.json``, every word it uses, and every column of the CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from detector.model.level import Level
from detector.model.loss import LossKind
from detector.model.policy import Verdict
from detector.model.rule import Action, Phase
from detector.render.written import CSV_COLUMNS
from tests.render.test_report_document import schema


def section(page: str, title: str) -> str:
    """The text from a heading to the next one."""
    return page.split(f"\n{title}\n", 1)[1].split("\n#", 1)[0]


def keys(part: dict[str, Any], before: str = "") -> list[str]:
    """The keys of an object, and of objects written out in it."""
    own = part["properties"]
    inner = [key for name, value in own.items() if "properties" in value for key in keys(value, f"{name}.")]
    return [before + name for name in own] + inner


def test_every_key_stands_in_the_table_of_its_object(root: Path) -> None:
    page = (root / "docs/report.md").read_text(encoding="utf-8")
    top = section(page, "## report.json")
    assert [key for key in keys(schema()) if f"| `{key}` |" not in top] == []
    for name, part in schema()["$defs"].items():
        if "properties" in part:
            table = section(page, f"### {name}")
            assert [key for key in keys(part) if f"| `{key}` |" not in table] == [], name


def test_every_word_stands_there(root: Path) -> None:
    page = (root / "docs/report.md").read_text(encoding="utf-8")
    words = [*LossKind, *Phase, *Action, *Verdict, *(level.word for level in Level)]
    assert [word for word in words if f"`{word}`" not in page] == []


def test_every_csv_column_stands_there_in_order(root: Path) -> None:
    page = (root / "docs/report.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in section(page, "## CSV").splitlines() if line.startswith("| `")]
    assert tuple(rows) == CSV_COLUMNS


def test_the_schema_knows_the_words_of_the_model() -> None:
    described = schema()["$defs"]
    assert described["loss"]["properties"]["kind"]["enum"] == [*LossKind]
    assert described["finding"]["properties"]["phase"]["enum"] == [*Phase, None]
    assert described["finding"]["properties"]["action"]["enum"] == [*Action, None]
    assert described["level"]["enum"] == [level.word for level in Level]
