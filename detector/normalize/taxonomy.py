"""Names Sigma gives to one thing in several logs, added beside the log's own; what was logged stays untouched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping

from detector.model.event import FieldValue
from detector.normalize.fields import HIVES, INTEGRITY, SECURITY, SERVICE_LOGONS

#: What is added here and is no plain copy of one logged value.
COMPOSED_FIELDS = frozenset({"User", "IntegrityLevel", "TargetObject", "Details"})

_NUMBERED = re.compile(r"param[0-9]{1,4}")

Fields = MutableMapping[str, FieldValue]


def complete(provider: str, event_id: int, fields: Fields) -> None:
    """Add the names the rules of Sigma's taxonomy look for. ``provider`` is in lower case."""
    names = "\0".join(fields)
    if "Data" in names or "param" in names:
        _number_strings(fields)
    if provider == SECURITY and event_id in _ADDITIONS:
        for name, text in _ADDITIONS[event_id](fields):
            fields.setdefault(name, text)


def _number_strings(fields: Fields) -> None:
    """Unnamed strings under both names in use: ``Data`` (Windows, Sigma) and ``param1`` and so on (Winlogbeat).

    Winlogbeat numbers unnamed strings, but there are events with fields really named ``param1`` (7036), and nothing in
    its documents tells one from the other. Empty strings have a number and no value, as in Winlogbeat.
    """
    logged = fields.get("Data")
    strings: tuple[str, ...] = logged if isinstance(logged, tuple) else (logged,) if logged else ()
    for number, text in enumerate(strings, 1):
        fields.setdefault(f"param{number}", text)
    numbered = [name for name in fields if name.startswith("param") and _NUMBERED.fullmatch(name)]
    if not numbered:
        return
    numbered.sort(key=lambda name: int(name[5:]))
    for name in numbered:
        if not fields[name]:
            del fields[name]
    if logged is None:
        strings = tuple(found for name in numbered if isinstance(found := fields.get(name), str))
    named = tuple(text for text in strings if text)
    if named:
        fields["Data"] = named if len(named) > 1 else named[0]


def _text(fields: Mapping[str, FieldValue], name: str) -> str:
    """A field that names something; empty for absent, null and ``-``."""
    text = fields.get(name)
    return text if isinstance(text, str) and text != "-" else ""


def _process_created(fields: Mapping[str, FieldValue]) -> Iterator[tuple[str, str]]:
    """4688 also serves ``process_creation``. ``ProcessId`` stays what it is here: the creator's."""
    for name, logged in (("Image", "NewProcessName"), ("ParentImage", "ParentProcessName")):
        path = _text(fields, logged)
        if path:
            yield name, path
    user = _process_user(fields)
    if user:
        yield "User", user
    level = INTEGRITY.get(_text(fields, "MandatoryLabel"))
    if level:
        yield "IntegrityLevel", level


def _process_user(fields: Mapping[str, FieldValue]) -> str:
    """Who the new process runs as: the target subject where there is one, else its creator, named as Sysmon would."""
    who, logon = "Target", _text(fields, "TargetLogonId")
    if not _text(fields, "TargetUserName"):
        who, logon = "Subject", _text(fields, "SubjectLogonId")
    service = SERVICE_LOGONS.get(logon.lower())
    if service:
        return service
    domain, name = _text(fields, f"{who}DomainName"), _text(fields, f"{who}UserName")
    return f"{domain}\\{name}" if domain and name else name


def _registry_changed(fields: Mapping[str, FieldValue]) -> Iterator[tuple[str, str]]:
    """4657 also serves ``registry_set``: the value's full name with Sysmon's hive names, and its data as Sysmon writes it."""
    if _text(fields, "ProcessName"):
        yield "Image", _text(fields, "ProcessName")
    key = _text(fields, "ObjectName")
    for kernel, hive in HIVES.items():
        end = len(kernel)
        if key[: end + 1].upper() == kernel + "\\":
            key = hive + key[end:]
    value = _text(fields, "ObjectValueName")
    if key:
        yield "TargetObject", f"{key}\\{value}" if value else key
    data = _text(fields, "NewValue")
    if data:
        yield "Details", _dword(data) if _text(fields, "NewValueType") == "%%1876" else data


def _dword(data: str) -> str:
    try:
        number = int(data, 0)
    except ValueError:
        return data
    return f"DWORD (0x{number:08x})" if number >= 0 else data


_ADDITIONS: Mapping[int, Callable[[Mapping[str, FieldValue]], Iterator[tuple[str, str]]]] = {
    4688: _process_created,
    4657: _registry_changed,
}
