"""What Winlogbeat and Elastic Agent ship, nested or with dotted keys, before or after their pipelines moved fields to ECS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detector.normalize.draft import Draft
from detector.normalize.fields import AUDIT_KEYWORDS, LEVELS, SECURITY, SYSMON, twins
from detector.normalize.values import gather, leaves, word

_EVENT_DATA, _USER_DATA = "winlog.event_data.", "winlog.user_data."
_DNS_TYPES = {"NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "SRV": 33}
#: How a document shows that a Sysmon pipeline went over it.
_SYSMON_PIPELINE = (
    ("event.module", "sysmon"),
    ("event.dataset", "windows.sysmon_operational"),
    ("data_stream.dataset", "windows.sysmon_operational"),
)
#: Fields of Sysmon that are put together from parts.
REBUILT_FIELDS = frozenset({"User", "Hashes", "QueryResults", "Details"})
_HASHES = {"sha1": "SHA1", "md5": "MD5", "sha256": "SHA256", "imphash": "IMPHASH"}


def read(payload: Mapping[str, Any]) -> Draft:
    """``winlog.*`` with ``host.*``, ``event.*`` and ``@timestamp``.

    The host is ``winlog.computer_name``: ``host.name`` is in lower case, and the collector's where events are forwarded.
    The time is ``winlog.time_created`` where it is kept, else ``@timestamp``. Only the Sysmon pipeline puts something else
    there (``UtcTime``) and the event's own time into ``event.created``, which everywhere else is when it was read.
    """
    flat = _flat(payload)
    provider = flat.get("winlog.provider_name") or flat.get("event.provider")
    event_id = flat.get("winlog.event_id", flat.get("event.code"))
    name = provider.lower() if isinstance(provider, str) else ""
    return Draft(
        event_id=event_id,
        provider=provider,
        channel=flat.get("winlog.channel"),
        computer=flat.get("winlog.computer_name") or flat.get("host.name") or flat.get("host.hostname"),
        record_id=flat.get("winlog.record_id"),
        time=_time(flat),
        level=_level(flat, name),
        keywords=_keywords(flat.get("winlog.keywords"), flat.get("winlog.outcome"), name),
        data=_data(flat, name, event_id),
    )


def _flat(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Every value by its dotted path. Lists stay whole; a dotted key and a nested one are the same."""
    found: dict[str, Any] = {}
    stack: list[tuple[str, Any]] = [(str(key), below) for key, below in payload.items()]
    while stack:
        path, item = stack.pop()
        if isinstance(item, dict):
            stack.extend((f"{path}.{key}", below) for key, below in item.items())
        else:
            found[path] = item
    return found


def _time(flat: Mapping[str, Any]) -> Any:
    created = flat.get("winlog.time_created")
    if created is None and any(flat.get(name) == said for name, said in _SYSMON_PIPELINE):
        created = flat.get("event.created")
    return created if created is not None else flat.get("@timestamp")


def _level(flat: Mapping[str, Any], provider: str) -> Any:
    """Windows' number. Audit events have 0, which Beats calls information like 4."""
    level = flat.get("winlog.level") or flat.get("log.level")
    number = LEVELS.get(level.lower(), level) if isinstance(level, str) else level
    return "0" if number == "4" and provider == SECURITY else number


def _keywords(words: Any, outcome: Any, provider: str) -> Any:
    """The mask, where the words tell it whole; those of other providers come without their numbers."""
    if provider != SECURITY:
        return None
    said = words if isinstance(words, list) else [words]
    said = [
        *said,
        {"success": "Audit Success", "failure": "Audit Failure"}.get(outcome) if isinstance(outcome, str) else "",
    ]
    return next((AUDIT_KEYWORDS[word] for word in said if isinstance(word, str) and word in AUDIT_KEYWORDS), None)


def _data(flat: Mapping[str, Any], provider: str, event_id: Any) -> dict[str, Any]:
    data = gather(_own(flat))
    number = word(event_id)
    if number.isdecimal() and len(number) < 10:
        for twin in twins(provider, int(number)):
            raw = flat.get(twin.ecs)
            if raw is not None and twin.name not in data:
                data[twin.name] = twin.spell(raw)
        if provider == SYSMON:
            data = dict(_rebuilt(flat)) | data
    return data


def _own(flat: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for path, item in flat.items():
        if path.startswith(_EVENT_DATA):
            yield path.removeprefix(_EVENT_DATA), item
        elif path.startswith(_USER_DATA) and path != "winlog.user_data.xml_name":
            yield from leaves(path.rpartition(".")[2], item)


def _rebuilt(flat: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Sysmon fields the pipeline took apart, put together as Sysmon writes them."""
    domain, user = flat.get("user.domain"), flat.get("user.name")
    if isinstance(domain, str) and isinstance(user, str):
        yield "User", f"{domain}\\{user}"
    hashes = ",".join(f"{name}={text.upper()}" for name, text in _hashes(flat))
    if hashes:
        yield "Hashes", hashes
    answers = "".join(_answers(flat.get("dns.answers")))
    if answers:
        yield "QueryResults", answers
    details = _details(flat.get("registry.data.type"), flat.get("registry.data.strings"))
    if details:
        yield "Details", details


def _hashes(flat: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for part, name in _HASHES.items():
        for place in ("process.hash", "file.hash", "process.pe", "file.pe"):
            text = flat.get(f"{place}.{part}")
            if isinstance(text, str):
                yield name, text
                break


def _answers(answers: Any) -> Iterator[str]:
    for answer in answers if isinstance(answers, list) else ():
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, str):
            continue
        kind = answer.get("type")
        if kind in ("A", "AAAA"):
            yield f"::ffff:{data};" if kind == "A" else f"{data};"
        elif isinstance(kind, str) and kind in _DNS_TYPES:
            yield f"type: {_DNS_TYPES[kind]:2d} {data};"


def _details(kind: Any, strings: Any) -> str:
    text = strings[0] if isinstance(strings, list) and strings else strings
    if not isinstance(text, str):
        return ""
    if kind == "SZ_DWORD" and text.isdecimal() and len(text) <= 10:
        return f"DWORD (0x{int(text):08x})"
    return "" if kind == "SZ_QWORD" else text  # the pipeline adds up a QWORD's halves wrongly
