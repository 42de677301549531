"""docs/scenarios.md has "the scenario format, every key; the CLI of detector.synth, every option"."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from detector.synth import scenario
from detector.synth.__main__ import parser
from detector.synth.scenario import RENDERINGS


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "scenarios.md").read_text(encoding="utf-8")


def test_every_key(text: str) -> None:
    for key in (*scenario.TOP_KEYS, *scenario.EVENT_KEYS, *scenario.EXPECT_KEYS, *RENDERINGS):
        assert f"`{key}`" in text, key


def test_every_command_and_option(text: str) -> None:
    (commands,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert set(commands.choices) == {"render", "samples"}
    for name, command in commands.choices.items():
        assert f"## `python -m detector.synth {name}" in text
        for action in command._actions:
            for option in action.option_strings:
                assert option in ("-h", "--help") or f"`{option}" in text, option


def test_the_example_loads(text: str, tmp_path: Path) -> None:
    example = text.split("```yaml\n", 1)[1].split("```", 1)[0]
    path = tmp_path / "example.yml"
    path.write_text(example.replace("S01.38", "S01.02").replace("[S01.12, S01.13]", "[S01.01]"), encoding="utf-8")
    assert len(scenario.load_scenario(path).events) == 2
