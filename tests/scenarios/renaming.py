"""A scenario after its intruder took the trouble: every program, service and folder of a tool bears another name.

Version data, switches, domains, addresses and what other logs call by its own name stay, as they do on a real machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from detector.rules import load_catalogue
from detector.synth import Scenario
from detector.synth.scenario import FieldText, ScenarioEvent
from detector.triage import names

#: What the resources and the signature of a program say, and who logs, does not change with its name.
_KEPT = frozenset({"OriginalFileName", "Product", "Company", "Description", "Signature", "Provider_Name", "QueryName"})
_KEPT |= {"DestinationHostname", "Hashes"}
#: Programs that Windows brings: an intruder calls them where they lie.
_WINDOWS = frozenset({"ssh.exe", "scp.exe", "sftp.exe", "curl.exe", "mstsc.exe", "quickassist.exe", "sshd.exe"})
_PROGRAM = re.compile(r"[^\\/\"'=<>|:*?\s][^\\/\"'=<>|:*?]*?\.exe(?![\w.])", re.IGNORECASE)
_PATH = re.compile(r"[a-z]:\\[^\"'<>|*?]*?\.exe(?![\w.])", re.IGNORECASE)
#: Folders that everybody has.
_COMMON = re.compile(
    r"[a-z]:|users|public|programdata|program files(?: \(x86\))?|windows|system32|syswow64|temp|downloads|desktop|documents"
    r"|appdata|local|roaming|apps|2\.0|perflogs|music|tools|scripts|bin|data|.*\$|[^\\]{1,2}",
    re.IGNORECASE,
)


def renamed(scenario: Scenario) -> Scenario:
    """The same story with other names."""
    other = others(scenario)
    events = tuple(_event(e, other) if isinstance(e, ScenarioEvent) else e for e in scenario.events)
    return replace(scenario, events=events)


def others(scenario: Scenario) -> dict[str, str]:
    """Names to replace, in lower case, to what stands for them."""
    found: dict[str, str] = {}
    users = {part for event in scenario.events if isinstance(event, ScenarioEvent) for part in _users(event)}
    for event in scenario.events:
        if not isinstance(event, ScenarioEvent):
            continue
        for text in _texts(event.fields):
            for program in _PROGRAM.findall(text):
                if _of_a_tool(program, event):
                    found[program.lower()] = f"{_made(program)}.exe"
            for path in _PATH.findall(text):
                folders, _, program = path.rpartition("\\")
                if program.lower() in found:
                    found |= {f.lower(): _made(f) for f in folders.split("\\") if _own(f) and f.lower() not in users}
        for name in ("ServiceName", "param1"):
            service = event.fields.get(name)
            if isinstance(service, str) and event.event_id in (7045, 4697, 7036) and _is_tools_service(event):
                found[service.lower()] = _made(service)
    return found


def _users(event: ScenarioEvent) -> Iterator[str]:
    for text in _texts(event.fields):
        yield from (user.lower() for user in re.findall(r"\\Users\\([^\\]+)", text, re.IGNORECASE))


def _own(folder: str) -> bool:
    return not _COMMON.fullmatch(folder)


def _of_a_tool(program: str, event: ScenarioEvent) -> bool:
    name = program.lower()
    own = event.fields.get("OriginalFileName")
    image = event.fields.get("Image")
    if name in _WINDOWS:
        return False
    if isinstance(own, str) and isinstance(image, str) and image.lower().endswith("\\" + name) and _known(own):
        return True
    return _known(name)


def _known(name: str) -> bool:
    tools = load_catalogue().tools.values()
    return name.lower() not in _WINDOWS and any(names.fits_any(tool.images, name) for tool in tools)


def _is_tools_service(event: ScenarioEvent) -> bool:
    return any(_known(program) for text in _texts(event.fields) for program in _PROGRAM.findall(text)) or any(
        names.fits_any(tool.known("services"), str(event.fields.get(name, "")))
        for tool in load_catalogue().tools.values()
        for name in ("ServiceName", "param1")
    )


def _made(name: str) -> str:
    return "q" + sha256(name.lower().encode()).hexdigest()[:7]


def _texts(fields: Mapping[str, FieldText]) -> Iterator[str]:
    for value in fields.values():
        if isinstance(value, str):
            yield value
        elif value is not None:
            yield from value


def _event(event: ScenarioEvent, other: Mapping[str, str]) -> ScenarioEvent:
    fields = {name: value if name in _KEPT else _value(value, other) for name, value in event.fields.items()}
    return replace(event, fields=fields)


def _value(value: FieldText, other: Mapping[str, str]) -> FieldText:
    if isinstance(value, tuple):
        return tuple(_text(text, other) for text in value)
    return value if value is None else _text(value, other)


def _text(text: str, other: Mapping[str, str]) -> str:
    if not other:
        return text
    longest_first = sorted(other, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w.-])", re.IGNORECASE)
    return pattern.sub(lambda found: other[found.group().lower()], text)
