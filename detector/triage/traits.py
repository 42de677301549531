"""Whose tool is it? What one event shows of an installation and its use, in the words of ``policy.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.rule import Action, Phase
from detector.model.tool import Catalogue, Tool
from detector.triage import command_line, names

#: A command line below this many characters is searched for traits; real ones are shorter (Windows allows 32,767).
_TEXT_LIMIT = 32_768

#: Programs of Windows that stand between a tool and what it runs.
_SHELLS = frozenset(
    {"cmd.exe", "powershell.exe", "pwsh.exe", "wscript.exe", "cscript.exe", "conhost.exe", "rundll32.exe"}
)

#: Fields that name the program itself; what a command line says may be chosen by whoever typed it.
_OF_PROGRAM = frozenset({"Image", "ParentImage", "ImagePath", "ServiceFileName", "ServiceName"})

#: Fields that say nothing of a tool, and differ from one event or machine to the next.
PASSING = frozenset(
    {
        "UtcTime", "CreationUtcTime", "ProcessGuid", "ProcessId", "ParentProcessGuid", "ParentProcessId", "NewProcessId",
        "ProcessID", "LogonGuid", "LogonId", "SubjectLogonId", "TargetLogonId", "TerminalSessionId", "SourcePort", "Hashes",
        "EventRecordID", "Computer", "User", "ParentUser", "SubjectUserName", "SubjectDomainName", "SubjectUserSid",
    }
)  # fmt: skip

#: So many different things said are remembered at most.
_REMEMBERED = 20_000

_GENERIC = Tool(id="", name="", kind="")


@dataclass(frozen=True, slots=True)
class Traits:
    """What an event shows. Empty text, tuple or mapping: the event cannot show it.

    ``processes`` are the keys (guid or pid) of the process the event is of, and of its parent, on its host; ``company`` is
    what the program's resources say, which anybody can write; ``tenant`` maps a tenant key (``instance``, ``relay``,
    ``client`` ...) to its value; ``operator`` who sat at the other end, ``session_end`` that he left; ``commanded`` that
    a copy tool's command line was shown.
    """

    host: str
    time: datetime
    tool: Tool
    action: Action | None
    user: str = ""
    path: str = ""
    signer: str = ""
    company: str = ""
    tenant: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    remotes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    operator: str = ""
    session_end: bool = False
    installed_by: str = ""
    installed_from: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    commanded: bool = False


def traits_of(hit: Hit, catalogue: Catalogue) -> Traits:
    """What the hit's event shows of the tool its rule names."""
    return Reader(catalogue).traits(hit)


class Reader:
    """Reads the traits of hits. An event that says what an earlier one said (agents do, all day) is not taken apart again."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._read: dict[tuple[object, ...], Traits] = {}

    def traits(self, hit: Hit) -> Traits:
        """What the hit's event shows of the tool its rule names."""
        event = hit.event
        said = tuple(item for item in event.fields.items() if item[0] not in PASSING)
        key = (hit.rule.id, event.ref.provider, said)
        known = self._read.get(key)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            known = self._read[key] = _read(hit, self._catalogue)
        return replace(known, host=event.host, time=event.time, user=_user(event), processes=processes(event))


def _read(hit: Hit, catalogue: Catalogue) -> Traits:
    event = hit.event
    tool = catalogue.tools.get(hit.rule.tool or "", _GENERIC)
    path = _program_of(event, tool, hit.rule.phase)
    texts = list(_texts(event, path))
    tenant = {
        key: value for key in tool.traits if key not in ("operator", "left") and (value := trait(tool, key, texts))
    }
    copy = command_line.copy_of(event.text("CommandLine")) if tool.kind == "copy" else None
    action = hit.rule.action
    if copy is not None and copy.direction and action not in (Action.INSTALL, Action.UPDATE):
        action = Action(copy.direction)  # whatever else a rule saw in it: the command line says which way data goes
    own = names.plain_path(path) == names.plain_path(event.text("Image"))
    installs = action in (Action.INSTALL, Action.UPDATE)
    return Traits(
        host=event.host,
        time=event.time,
        tool=tool,
        action=action,
        user=_user(event),
        path=path,
        signer=event.text("Signature").strip("-") if own else "",
        company=event.text("Company").strip("-") if own else "",
        tenant=tenant,
        config=copy.config if copy else "",
        remotes=copy.remotes if copy else (),
        sources=copy.sources if copy else (),
        targets=copy.targets if copy else (),
        destinations=(
            *_destinations(event, copy),
            *(command_line.ssh_hosts(event.text("CommandLine")) if tool.id == "openssh" else ()),
        ),
        operator=trait(tool, "operator", texts),
        session_end=bool(trait(tool, "left", texts)),
        installed_by=event.text("ParentImage") if installs else "",
        installed_from=tuple(_origins(event)) if installs else (),
        processes=processes(event),
        commanded=copy is not None,
    )


def by_windows(traits: Traits) -> bool:
    """Whether what installs was started by Windows' own service control: that says nothing of who brought it."""
    return names.file_name(traits.installed_by) in ("services.exe", "svchost.exe")


def processes(event: Event) -> tuple[str, ...]:
    """Keys of the process an event is of (its own guid, or pid), then of its parent; unique on its host, for a while."""
    own = event.text("ProcessGuid") or _pid(event.text("NewProcessId") or event.text("ProcessID"))
    parent = event.text("ParentProcessGuid")
    if not parent and event.text("NewProcessId"):
        parent = _pid(event.text("ProcessId"))
    return (own.lower(), parent.lower())


def _pid(text: str) -> str:
    try:
        return f"pid:{int(text, 16 if text.lower().startswith('0x') else 10)}" if text else ""
    except ValueError:
        return ""


def _user(event: Event) -> str:
    user = event.text("User") or event.text("SubjectUserName")
    return "" if user in ("-", "") else user


def _program_of(event: Event, tool: Tool, phase: Phase | None) -> str:
    """The tool's own program in the event: image, parent image (a shell under it), service path; else what acts."""
    image, parent = event.text("Image") or event.text("Application"), event.text("ParentImage")
    service = command_line.program(event.text("ImagePath") or event.text("ServiceFileName"))
    if service:
        return service
    if _is_tools(image, tool) or names.fits_any(tool.images, event.text("OriginalFileName")):
        return image
    if parent and _is_tools(parent, tool):
        return parent
    if parent and phase is Phase.COMMAND:
        return "" if names.file_name(parent) in _SHELLS else parent  # under a shell of the tool, the tool is not shown
    return image


def _is_tools(path: str, tool: Tool) -> bool:
    return names.fits_any(tool.images, names.file_name(path))


def _texts(event: Event, path: str) -> Iterator[str]:
    """All texts of an event: what it says of its program first, then the fields by name, whatever order its source has."""
    yield path
    yield event.ref.provider
    for name in sorted(event.fields, key=lambda name: (name not in _OF_PROGRAM, name)):
        value = event.fields[name]
        if name in PASSING:
            continue
        if isinstance(value, str):
            yield value[:_TEXT_LIMIT]
        elif value is not None:
            yield from (part[:_TEXT_LIMIT] for part in value)


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def trait(tool: Tool, name: str, texts: list[str]) -> str:
    """The value of a trait of the tool (``relay``, ``instance``) in the first text that shows it; empty if none does."""
    for pattern in tool.traits.get(name, ()):
        for text in texts:
            match = _pattern(pattern).search(text)
            if match:
                return ":".join(group for group in match.groups() if group) or match.group()
    return ""


def _destinations(event: Event, copy: command_line.Copy | None) -> Iterator[str]:
    if event.text("QueryName"):
        yield event.text("QueryName").rstrip(".")
    for name, port in (
        ("DestinationHostname", "DestinationPort"),
        ("DestinationIp", "DestinationPort"),
        ("DestAddress", "DestPort"),
    ):
        if event.text(name).strip("-"):
            yield f"{event.text(name)}:{event.text(port)}".rstrip(":")
    if copy:
        yield from (target for target in copy.targets if "://" in target)


def _origins(event: Event) -> Iterator[str]:
    if event.text("Image"):
        yield event.text("Image")
    yield from (word for word in command_line.arguments(event.text("CommandLine"))[1:] if "\\" in word)
