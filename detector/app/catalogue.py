"""``rules list`` and ``tools list|show``: what is known, as lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from detector.errors import UsageError
from detector.model.rule import RuleSet
from detector.rules import builtin_rules, load_catalogue, load_rules
from detector.rules.cache import Cache


def listed_rules(paths: Sequence[Path], tool: str | None, cache: Cache) -> tuple[list[str], list[str]]:
    """A line for every rule (level, phase, tool, id, title), and one for every rule that could not be loaded."""
    rules, losses = load_rules(paths or (builtin_rules(),), cache)
    wanted = _tool_id(tool) if tool is not None else None
    chosen = [rule for rule in (*rules.rules, *rules.correlations) if wanted is None or rule.tool == wanted]
    chosen.sort(key=lambda rule: (rule.tool or "", rule.phase or "", rule.title))
    lines = ["\t".join((r.level.word, r.phase or "-", r.tool or "-", r.id, r.title)) for r in chosen]
    return lines, [f"{loss.where}: {loss.why}" for loss in losses]


def listed_tools(cache: Cache) -> Iterator[str]:
    """A line for every tool: id, kind, name, number of built-in rules."""
    counts = Counter(rule.tool for rule in _builtin(cache).rules)
    for tool_id, tool in sorted(load_catalogue().tools.items()):
        yield "\t".join((tool_id, tool.kind, tool.name, str(counts[tool_id])))


def described_tool(name: str, cache: Cache) -> Iterator[str]:
    """What is known of one tool. Raises ``UsageError`` for a name nobody knows."""
    tool = load_catalogue().tools[_tool_id(name)]
    yield f"{tool.name} ({tool.id}): {tool.kind}" + (f", by {tool.vendor}" if tool.vendor else "")
    if tool.about:
        yield tool.about
    for word, values in (
        ("also spelt", tool.aliases),
        ("programs", tool.images),
        ("signers", tool.signers),
        ("tenant keys", tuple(key for key in tool.traits if key not in ("operator", "left"))),
    ):
        if values:
            yield f"{word}: {', '.join(values)}"
    for rule in sorted((r for r in _builtin(cache).rules if r.tool == tool.id), key=lambda r: (r.phase or "", r.title)):
        yield f"  {rule.level.word:<13} {rule.phase or '-':<17} {rule.title}"


def _builtin(cache: Cache) -> RuleSet:
    return load_rules((builtin_rules(),), cache)[0]


def _tool_id(name: str) -> str:
    known = load_catalogue().names()
    if name.lower() in known:
        return known[name.lower()]
    near = get_close_matches(name.lower(), known, n=1)
    raise UsageError(f"no tool is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else "; see: tools list"))
