"""What is known of the tools themselves: names policy may use, and how an event shows whose installation it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tool:
    """One remote-access, management or copy tool.

    ``id`` is the word rules and policy use (``anydesk``); ``aliases`` other spellings that mean it. ``kind`` is
    ``remote`` (a person at the screen), ``management`` (scripts from a server), ``copy`` (moves data out or in),
    ``tunnel`` or ``protocol``. ``traits`` maps a trait (``instance``, ``relay``, ``operator``, ...) to regular
    expressions whose groups, joined by ``:``, are its value in any text of an event. ``images`` are file-name patterns
    of its programs as shipped.
    """

    id: str
    name: str
    kind: str
    vendor: str = ""
    aliases: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    traits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All known tools by id."""

    tools: Mapping[str, Tool]

    def names(self) -> dict[str, str]:
        """Every id and alias, lower case, to the id it means."""
        known = {alias.lower(): tool.id for tool in self.tools.values() for alias in tool.aliases}
        return known | {tool_id.lower(): tool_id for tool_id in self.tools}
