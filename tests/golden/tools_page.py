"""docs/tools.md: the catalogue as a page. `make golden` writes it, the golden test holds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from detector.app.catalogue import WORDS
from detector.model.tool import Sure, Tool
from detector.rules import builtin_rules, load_catalogue, load_rules

KINDS = {
    "remote": "Remote access: a person at the screen",
    "management": "Management: scripts from a server",
    "execution": "Remote execution",
    "tunnel": "Tunnels and private networks",
    "copy": "Copy and exfiltration",
    "protocol": "Protocols of the system",
}
_MARKS = {Sure.MEASURED: " (measured)", Sure.DOCUMENTED: " (documented)", Sure.GUESSED: " (?)"}


def page() -> str:
    """The page, in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    tools = load_catalogue().tools
    counts = Counter(rule.tool for rule in load_rules([builtin_rules()])[0].rules)
    yield "# The tools"
    yield ""
    yield f"{len(tools)} tools, made by `make golden` from [the catalogue](catalogue.md) in `detector/rules/tools/`."
    yield "`rmm-detector tools show NAME` prints one. A fact marked `(?)` is inferred; one without a mark is reported."
    for kind, words in KINDS.items():
        yield ""
        yield f"## {words}"
        yield ""
        yield "| tool | id | maker | keys for `tenant:` | built-in rules |"
        yield "|---|---|---|---|---|"
        own = sorted((tool for tool in tools.values() if tool.kind == kind), key=lambda tool: tool.name.lower())
        for tool in own:
            keys = ", ".join(f"`{key}`" for key in tool.shows) or "-"
            yield f"| [{tool.name}](#{_anchor(tool)}) | `{tool.id}` | {tool.vendor or '-'} | {keys} | {counts[tool.id]} |"
        for tool in own:
            yield from _section(tool)


def _section(tool: Tool) -> Iterator[str]:
    yield ""
    yield f"### {tool.name}"
    yield ""
    yield tool.about
    yield ""
    if tool.aliases:
        yield f"- also spelt: {', '.join(tool.aliases)}"
    for kind, facts in tool.facts.items():
        told = ", ".join(f"`{fact.value}`{_MARKS.get(fact.sure, '')}" for fact in facts)
        yield f"- {WORDS[kind]}: {told}"
    yield from (f"- `tenant: {key}`: {shows}" for key, shows in tool.shows.items())
    yield from (f"- log `{log}`: {tells}" for log, tells in tool.logs.items())
    yield from (f"- reported: {one.by}, {one.how} ([source]({one.source}))" for one in tool.abuse)
    yield f"- looked through on {tool.reviewed}; from {', '.join(f'<{source}>' for source in tool.sources)}"


def _anchor(tool: Tool) -> str:
    """As GitHub makes them of headings."""
    kept = "".join(letter for letter in tool.name.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")
