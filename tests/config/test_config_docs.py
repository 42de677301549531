"""DESIGN.md: docs/ is "the user's guide; every command, option, exit code and file format, tested to be there"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from detector.config import inventory, policy
from detector.model.rule import Action
from tests.config.config_files import inventory_of, policy_of

INVENTORY_KEYS = {
    *inventory.KEYS, *inventory.ORGANISATION_KEYS, *inventory.ASSET_KEYS, *inventory.HOST_KEYS,
}  # fmt: skip
POLICY_KEYS = {
    *policy.KEYS, *policy.TOOL_KEYS, *policy.INSTALL_KEYS, *policy.ACCESS_KEYS, *policy.BULK_READ_KEYS, *policy.TICKET_KEYS,
}  # fmt: skip


def examples(page: str) -> list[str]:
    """The YAML files a page shows."""
    return re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def keys_of(value: object) -> set[str]:
    """Every key in a YAML value."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value)) if value else set()
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set()


@pytest.mark.parametrize(
    ("file", "keys", "words"),
    [
        ("assets.md", INVENTORY_KEYS, {*inventory.ROLES, *inventory.CRITICALITIES}),
        ("policy.md", POLICY_KEYS, {*Action, *policy.PROTOCOLS}),
    ],
)
def test_every_key_and_word_is_described_and_shown(root: Path, file: str, keys: set[str], words: set[str]) -> None:
    page = (root / "docs" / file).read_text(encoding="utf-8")
    assert sorted(word for word in keys | words if f"`{word}`" not in page) == []
    shown = set().union(*(keys_of(yaml.safe_load(text)) for text in examples(page)))
    assert sorted(keys - shown) == []


def test_the_examples_load(root: Path) -> None:
    assets = [inventory_of(text) for text in examples((root / "docs/assets.md").read_text(encoding="utf-8"))]
    assert [len(one.assets) for one in assets] == [1, 2]
    assert assets[1].host_groups["people-sit-there"] == ("DESK-*", "GATE-1", "RECEPTION")
    policies = [policy_of(text, assets[-1]) for text in examples((root / "docs/policy.md").read_text(encoding="utf-8"))]
    assert [len(one.tools) for one in policies] == [1, 2]
    assert len(policies[1].tools[0].session_hours) == 3
