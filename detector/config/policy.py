"""``policy.yml`` -> :class:`Policy`. Its reading rules stand in ``docs/policy.md``; the numbers below are theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

from detector.config import clock, words
from detector.config.entry import Entry, Notes, WrongError, name, one_of, prose
from detector.config.groups import Groups, expanded, members_of
from detector.config.inventory import version
from detector.config.source import read
from detector.model.asset import Inventory
from detector.model.policy import AccessClause, BulkReadClause, InstallTerms, Policy, Ticket, ToolClause, Window
from detector.model.rule import Action
from detector.model.tool import Catalogue

#: How a movement may be named, and the word triage has for it.
PROTOCOLS = {word: word for word in ("rdp", "smb", "ssh", "winrm", "http", "rpc", "vnc", "nfs", "logon", "network")} | {
    "https": "http", "s3": "http", "cifs": "smb", "sftp": "ssh", "scp": "ssh", "wmi": "rpc", "dcom": "rpc",
}  # fmt: skip

_FOR_PEOPLE = ("owner", "reason", "ticket")
KEYS = ("version", "timezone", "hours", "people", "access", "bulk_read", "tools", "tickets")
TOOL_KEYS = (
    "id", "tool", "actions", "hosts", "not_hosts", "users", "operators", "tenant", "path", "signer", "config", "remotes",
    "destinations", "sources", "install", "hours", "session_hours", "needs_ticket", "reach_ai", "expires", *_FOR_PEOPLE,
)  # fmt: skip
INSTALL_KEYS = ("by", "from")
ACCESS_KEYS = ("id", "from", "to", "protocols", "users", "hours", "expires", *_FOR_PEOPLE)
BULK_READ_KEYS = ("id", "users", "from", "shares", "hours", "expires", *_FOR_PEOPLE)
TICKET_KEYS = ("id", "tool", "host", "from", "to")

#: A tool's word this near to one we know is a typing error; anything else is a tool we do not know.
_NEAR_MISS = 0.8


def load_policy(path: Path, inventory: Inventory, catalogue: Catalogue) -> Policy:
    """The policy in a file of the form ``docs/policy.md``.

    ``inventory`` gives the host groups, ``catalogue`` the names of tools. Raises :class:`ConfigError` with all problems.
    """
    source = read(path)
    notes = Notes(source.file, empty_is_absent=False)
    top = Entry(source.root, "", notes, KEYS)
    top.one("version", version, None)
    reader = _Reader(top, inventory, catalogue)
    policy = Policy(
        timezone=top.one("timezone", clock.zone, "UTC"),
        tools=tuple(chain.from_iterable(reader.tool(entry) for entry in top.entries("tools", TOOL_KEYS))),
        access=tuple(reader.access(entry) for entry in top.entries("access", ACCESS_KEYS)),
        bulk_read=tuple(reader.bulk_read(entry) for entry in top.entries("bulk_read", BULK_READ_KEYS)),
        tickets=tuple(chain.from_iterable(reader.tickets(entry) for entry in top.entries("tickets", TICKET_KEYS))),
        digest=source.digest,
    )
    reader.check_ids()
    notes.settle()
    return policy


class _Reader:
    """What the entries refer to: groups, named hours, tools; and the ids seen so far."""

    def __init__(self, top: Entry, inventory: Inventory, catalogue: Catalogue) -> None:
        people_entry = top.mapping("people")
        people = members_of(people_entry)
        expanded(people_entry, Groups(people, inventory.host_groups))
        self._people = Groups(people, inventory.host_groups)
        self._hosts = Groups(inventory.host_groups, people)
        hours = top.mapping("hours")
        self._named_hours = {key: _flat(hours.each(key, clock.windows)) for key in hours}
        self._tools = catalogue.names()
        self._ids: list[tuple[Entry, str]] = []

    def tool(self, entry: Entry) -> list[ToolClause]:
        """One clause for each tool the entry names."""
        entry.needed("tool")
        make = partial(
            ToolClause,
            id=self._id(entry),
            actions=_actions(entry),
            hosts=self._patterns(entry, "hosts", self._hosts, _host),
            not_hosts=self._patterns(entry, "not_hosts", self._hosts, _host),
            users=self._patterns(entry, "users", self._people, _account),
            operators=self._patterns(entry, "operators", self._people),
            tenant=_tenant(entry),
            path=entry.each("path", name),
            signer=entry.each("signer", name),
            config=entry.each("config", name),
            remotes=entry.each("remotes", name),
            destinations=self._patterns(entry, "destinations", self._hosts),
            sources=entry.each("sources", name),
            install=_install(entry),
            hours=self._hours(entry, "hours"),
            session_hours=self._hours(entry, "session_hours"),
            needs_ticket=entry.flag("needs_ticket"),
            reach_ai=entry.flag("reach_ai"),
            expires=_expires(entry),
            owner=_for_people(entry, "owner"),
            reason=_for_people(entry, "reason"),
            ticket=_for_people(entry, "ticket"),
            line=entry.line,
        )
        return [make(tool=tool) for tool in entry.each("tool", self._tool)]

    def access(self, entry: Entry) -> AccessClause:
        """An expected way to a host."""
        _check_for_people(entry)
        return AccessClause(
            id=self._id(entry),
            origins=self._patterns(entry, "from", self._hosts, _host),
            targets=self._patterns(entry, "to", self._hosts, _host),
            protocols=entry.each("protocols", _protocol),
            users=self._patterns(entry, "users", self._people, _account),
            hours=self._hours(entry, "hours"),
            expires=_expires(entry),
            line=entry.line,
        )

    def bulk_read(self, entry: Entry) -> BulkReadClause:
        """Who may read in bulk."""
        _check_for_people(entry)
        return BulkReadClause(
            id=self._id(entry),
            users=self._patterns(entry, "users", self._people, _account),
            origins=self._patterns(entry, "from", self._hosts, _host),
            shares=entry.each("shares", _host_and_share),
            hours=self._hours(entry, "hours"),
            expires=_expires(entry),
            line=entry.line,
        )

    def tickets(self, entry: Entry) -> list[Ticket]:
        """One ticket for each tool and host the line names."""
        if not entry.needed("id", "tool", "host", "from", "to"):
            return []
        start = entry.one("from", clock.instant, None)
        end = entry.one("to", partial(clock.instant, ends=True), None)
        number = entry.one("id", name, "")
        if start is None or end is None:
            return []
        if end < start:
            entry.wrong("to", "is before `from`")
        hosts = self._patterns(entry, "host", self._hosts, _host)
        return [Ticket(number, tool, host, start, end) for tool in entry.each("tool", self._tool) for host in hosts]

    def check_ids(self) -> None:
        """Rule 7: an id is what an incident quotes, so there is one entry of it in the whole file."""
        first: dict[str, int] = {}
        for entry, found in sorted(self._ids, key=lambda item: item[0].line):
            if found in first:
                entry.wrong("id", f"{found!r} is there twice", f"the first is on line {first[found]}")
            first.setdefault(found, entry.line)

    def _id(self, entry: Entry) -> str:
        found = entry.one("id", name, "") if entry.needed("id") else ""
        if found:
            self._ids.append((entry, found))
        return found

    def _tool(self, text: str) -> str:
        word = name(text).lower()
        known = self._tools.get(word) or self._tools.get(word.replace(" ", "-").replace("_", "-"))
        if known:
            return known
        near = words.nearest(word, self._tools, _NEAR_MISS)
        if near and _mistyped(word, near):
            raise WrongError(f"unknown tool {text!r}", f"did you mean '{near}'?")
        return word

    def _patterns(self, entry: Entry, key: str, groups: Groups, read: Callable[[str], str] = name) -> tuple[str, ...]:
        """Names and patterns with groups expanded. A list that comes out empty would read as an absent key: noted."""
        found = entry.each(key, lambda text: groups.expand(read(text)))
        if found and not any(found):
            entry.wrong(key, "fits nothing: the group has no members", "remove the key if it does not matter")
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    def _hours(self, entry: Entry, key: str) -> tuple[Window, ...]:
        """The windows of named hours, or written out."""

        def read(text: str) -> tuple[Window, ...]:
            named = self._named_hours.get(text.strip())
            if named is not None:
                return named
            if ":" in text:
                return clock.windows(text)
            raise WrongError(
                f"unknown hours {text!r}", words.hint(text, self._named_hours) or "name them under `hours`"
            )

        return _flat(entry.each(key, read))


def _mistyped(word: str, near: str) -> bool:
    """Whether a word may be a slip of the other. Others are products of their own, and to be accepted.

    A part more (``teamviewer-host``), another number (``s3cmd``, ``s5cmd``), another first letter (``laplink``, ``plink``).
    """
    longer = word.startswith(near + "-") or near.startswith(word + "-")
    digits = [[char for char in one if char.isdigit()] for one in (word, near)]
    return not longer and word[0] == near[0] and digits[0] == digits[1]


def _flat(windows: tuple[tuple[Window, ...], ...]) -> tuple[Window, ...]:
    return tuple(chain.from_iterable(windows))


def _actions(entry: Entry) -> frozenset[Action]:
    """Rule 3; without the key rule 1 holds, and any action fits."""
    if not entry.has("actions"):
        return frozenset(Action)
    return frozenset(Action(word) for word in entry.each("actions", one_of(frozenset(Action), "action")))


def _tenant(entry: Entry) -> Mapping[str, tuple[str, ...]]:
    """Rule 8: values that YAML takes for numbers must be quoted."""
    tenant = _terms(entry, "tenant")
    return {key.lower(): tenant.each(key, name, strings_only=True) for key in tenant}


def _install(entry: Entry) -> InstallTerms | None:
    if not entry.has("install"):
        return None
    install = _terms(entry, "install", INSTALL_KEYS)
    return InstallTerms(by=install.each("by", name), origin=install.each("from", name))


def _terms(entry: Entry, key: str, known: Collection[str] = ()) -> Entry:
    """A mapping inside an entry. One without keys would read as an absent one, and is noted."""
    terms = entry.mapping(key, known)
    if entry.has(key) and not list(terms):
        entry.wrong(key, "has no key", "remove it if it does not matter")
    return terms


def _expires(entry: Entry) -> date | None:
    return entry.one("expires", clock.day, None)


def _for_people(entry: Entry, key: str) -> str:
    return entry.one(key, prose, "")


def _check_for_people(entry: Entry) -> None:
    for key in _FOR_PEOPLE:
        _for_people(entry, key)


def _host(text: str) -> str:
    if "," in text or " " in text.strip().removeprefix("group:").strip():
        raise WrongError(f"{text!r} is no host", "write several as a list: [A, B]")
    return text


def _account(text: str) -> str:
    if "," in text:
        raise WrongError(f"{text!r} is no account", "write several as a list: [a, b]")
    return text


def _protocol(text: str) -> str:
    return PROTOCOLS[one_of(PROTOCOLS, "protocol")(text)]


def _host_and_share(text: str) -> str:
    r"""``HOST\share``, also as ``\\HOST\share``."""
    plain = name(text).replace("/", "\\").strip("\\")
    host, _, share = plain.partition("\\")
    if not host or not share:
        raise WrongError(f"{text!r} is no share of a host", r"write 'HOST\share', in single quotes")
    return plain
