"""Design: "docs/ the user's guide; every command, option, exit code and file format, tested to be there"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from detector.model.level import Level
from detector.model.rule import Action, Phase, Role
from detector.rules import load_catalogue
from tests.sigma_rules.rule_cases import CASES, PACK, written


@pytest.fixture
def guide(root: Path) -> str:
    return (root / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_examples_are_of_the_pack(guide: str) -> None:
    rule, cases = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL))
    assert rule == written(PACK, "anydesk/pipe_printer")
    assert cases == written(CASES, "anydesk/pipe_printer")


@pytest.mark.parametrize("word", [word.value for words in (Phase, Action, Role) for word in words])
def test_every_word_of_rmm_is_told(guide: str, word: str) -> None:
    assert f"`{word}`" in guide


@pytest.mark.parametrize("level", [level.word for level in Level])
def test_every_level_is_told(guide: str, level: str) -> None:
    assert f"| `{level}` |" in guide


def test_the_traits_of_the_first_tools_are_told(guide: str) -> None:
    for tool in ("anydesk", "screenconnect", "screenconnect-server", "rclone"):
        for trait in set(load_catalogue().tools[tool].traits) - {"operator", "left"}:
            assert re.search(rf"\| `{tool}` \|[^|]*`{trait}`", guide), (tool, trait)
