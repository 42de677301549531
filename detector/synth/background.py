"""Ordinary events of ordinary machines. Placeholder until it is filled: see the commits that follow."""

from __future__ import annotations

from detector.synth.scenario import Scenario, ScenarioEvent


def background(scenario: Scenario, count: int, seed: int) -> list[ScenarioEvent]:
    """``count`` ordinary events around the story, drawn with ``seed``."""
    return []
