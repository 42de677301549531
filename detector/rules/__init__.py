"""Sigma text to :class:`Rule`, the tool catalogue, regular expressions. Each is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.rules.cached import load_rules
    from detector.rules.catalogue import load_catalogue
    from detector.rules.files import builtin_rules
    from detector.rules.regexes import compile_regex

__all__ = ["builtin_rules", "compile_regex", "load_catalogue", "load_rules"]

_HOMES = {
    "builtin_rules": "detector.rules.files",
    "compile_regex": "detector.rules.regexes",
    "load_catalogue": "detector.rules.catalogue",
    "load_rules": "detector.rules.cached",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - the module the name lives in is heavy; most runs need one

    return getattr(import_module(_HOMES[name]), name)
