"""What is known of the tools themselves: names policy may use, how an event shows whose installation it is, what each leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Sure(StrEnum):
    """How a fact is known."""

    MEASURED = "measured"  # seen in a log, or in the program itself
    DOCUMENTED = "documented"  # the maker says so
    REPORTED = "reported"  # an incident report or a public collection says so
    GUESSED = "guessed"  # inferred


class Fact(NamedTuple):
    """One thing that is known, and how."""

    value: str
    sure: Sure


@dataclass(frozen=True, slots=True)
class Abuse:
    """What intruders did with a tool, in a few words, and where that can be read."""

    by: str
    how: str
    source: str


@dataclass(frozen=True, slots=True)
class Tool:
    """One remote-access, management or copy tool.

    ``id`` is the word rules and policy use (``anydesk``); ``aliases`` other spellings that mean it. ``kind`` is
    ``remote`` (a person at the screen), ``management`` (scripts from a server), ``execution`` (programs started on other
    machines), ``copy`` (moves data out or in), ``tunnel`` or ``protocol``.

    ``facts`` are by kind (``images``, ``services``, ``domains``, ...: ``docs/tools.md``). ``traits`` maps a trait
    (``instance``, ``relay``, ``operator``, ...) to regular expressions whose groups, joined by ``:``, are its value in any
    text of an event; ``shows`` says of those that a policy can pin (``tenant:``) where they show. ``logs`` are the tool's own
    log files or channels, and what each tells. ``reviewed`` is the day on which it was looked through (ISO), empty before.
    """

    id: str
    name: str
    kind: str
    vendor: str = ""
    about: str = ""
    aliases: tuple[str, ...] = ()
    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)
    traits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    abuse: tuple[Abuse, ...] = ()
    sources: tuple[str, ...] = ()
    reviewed: str = ""

    def known(self, kind: str) -> tuple[str, ...]:
        """The facts of a kind, however sure."""
        return tuple(fact.value for fact in self.facts.get(kind, ()))

    @property
    def images(self) -> tuple[str, ...]:
        """File-name patterns of its programs as shipped, in lower case."""
        return self.known("images")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All known tools by id."""

    tools: Mapping[str, Tool]

    def names(self) -> dict[str, str]:
        """Every id and alias, lower case, to the id it means."""
        known = {alias.lower(): tool.id for tool in self.tools.values() for alias in tool.aliases}
        return known | {tool_id.lower(): tool_id for tool_id in self.tools}
