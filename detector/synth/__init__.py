"""Scenario YAML -> evidence: EVTX written byte by byte, Winlogbeat documents, Elasticsearch hits, NXLog lines.

Loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.synth.events import SynthEvent
    from detector.synth.rendering import Options, events_of, render
    from detector.synth.scenario import Scenario, load_scenario

__all__ = ["Options", "Scenario", "SynthEvent", "events_of", "load_scenario", "render"]

_HOMES = {
    "Options": "rendering", "events_of": "rendering", "render": "rendering",
    "Scenario": "scenario", "load_scenario": "scenario", "SynthEvent": "events",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """The public name ``name`` from the module that has it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
