"""``rules list`` and ``tools list|show``: what is known, as lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap

from detector.errors import UsageError
from detector.model.rule import RuleSet
from detector.model.tool import Sure, Tool
from detector.rules import builtin_rules, load_catalogue, load_rules
from detector.rules.cache import Cache

_WIDTH = 100
#: How a fact is marked that is not simply reported.
_MARKS = {Sure.MEASURED: " **", Sure.DOCUMENTED: " *", Sure.GUESSED: " (?)"}
#: Kinds of facts, in words for people.
WORDS = {
    "images": "programs",
    "original_names": "original names",
    "products": "product",
    "companies": "company",
    "signers": "signed by",
    "paths": "folders",
    "services": "services",
    "tasks": "scheduled tasks",
    "pipes": "pipes",
    "registry": "registry",
    "ports": "ports",
    "domains": "looks up",
    "agents": "user agents",
    "switches": "switches",
}


def listed_rules(paths: Sequence[Path], tool: str | None, cache: Cache) -> tuple[list[str], list[str]]:
    """A line for every rule (level, phase, tool, id, title), and one for every rule that could not be loaded."""
    rules, losses = load_rules(paths or (builtin_rules(),), cache)
    wanted = tool_id(tool) if tool is not None else None
    chosen = [rule for rule in (*rules.rules, *rules.correlations) if wanted is None or rule.tool == wanted]
    chosen.sort(key=lambda rule: (rule.tool or "", rule.phase or "", rule.title))
    lines = ["\t".join((r.level.word, r.phase or "-", r.tool or "-", r.id, r.title)) for r in chosen]
    return lines, [f"{loss.where}: {loss.why}" for loss in losses]


def listed_tools(cache: Cache) -> Iterator[str]:
    """A line for every tool: id, kind, name, number of built-in rules."""
    counts = Counter(rule.tool for rule in _builtin(cache).rules)
    for own, tool in sorted(load_catalogue(cache).tools.items()):
        yield "\t".join((own, tool.kind, tool.name, str(counts[own])))


def described_tool(name: str, cache: Cache) -> Iterator[str]:
    """What is known of one tool. Raises ``UsageError`` for a name nobody knows."""
    tool = load_catalogue(cache).tools[tool_id(name)]
    yield f"{tool.name} ({tool.id}): {tool.kind}" + (f", by {tool.vendor}" if tool.vendor else "")
    yield from wrap(tool.about, _WIDTH)
    if tool.aliases:
        yield f"also spelt {', '.join(tool.aliases)}"
    yield from _leaves(tool)
    if tool.shows:
        yield ""
        yield "Whose it is: keys for `tenant:` in policy.yml, and where they show"
        yield from (f"  {key:<16}{shows}" for key, shows in tool.shows.items())
    if tool.logs:
        yield ""
        yield "Its own logs"
        yield from (line for log, tells in tool.logs.items() for line in (f"  {log}", f"      {tells}"))
    if tool.abuse:
        yield ""
        yield "Reported abuse"
        yield from (line for one in tool.abuse for line in (f"  {one.by}: {one.how}", f"      {one.source}"))
    rules = sorted((r for r in _builtin(cache).rules if r.tool == tool.id), key=lambda r: (r.phase or "", r.title))
    if rules:
        yield ""
        yield "Built-in rules"
        yield from (f"  {rule.level.word:<13} {rule.phase or '-':<17} {rule.title}" for rule in rules)
    yield ""
    yield f"Sources, looked through on {tool.reviewed}" if tool.reviewed else "Not looked through yet"
    yield from (f"  {source}" for source in tool.sources)


def _leaves(tool: Tool) -> Iterator[str]:
    """Its facts, a kind a paragraph; marked where they are less than reported or more."""
    if tool.facts:
        yield ""
        yield f"What it leaves{''.join(f'; {mark} {word}' for word, mark in _MARKS.items() if _any(tool, word))}"
    for kind, facts in tool.facts.items():
        told = ", ".join(fact.value + _MARKS.get(fact.sure, "") for fact in facts)
        yield from wrap(told, _WIDTH, initial_indent=f"  {WORDS[kind]:<16}", subsequent_indent=" " * 18)


def _any(tool: Tool, sure: Sure) -> bool:
    return any(fact.sure is sure for facts in tool.facts.values() for fact in facts)


def _builtin(cache: Cache) -> RuleSet:
    return load_rules((builtin_rules(),), cache)[0]


def tool_id(name: str) -> str:
    """The id a name means. Raises ``UsageError`` for one that means nothing."""
    known = load_catalogue().names()
    if name.lower() in known:
        return known[name.lower()]
    near = get_close_matches(name.lower(), known, n=1)
    raise UsageError(f"no tool is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else "; see: tools list"))
