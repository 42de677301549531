"""What Winlogbeat and Elastic Agent ship, nested or with dotted keys, before or after their pipelines moved fields to ECS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from detector.normalize.draft import Draft
from detector.normalize.fields import AUDIT_KEYWORDS, LEVELS, SECURITY, SYSMON, twins
from detector.normalize.instant import utc
from detector.normalize.values import gather, leaves, word

_DNS_TYPES = {"NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "SRV": 33}
_ID_LENGTH = 10
_PATH_LENGTH = 256
_SYSMON_DATASET = "windows.sysmon_operational"
#: Fields of Sysmon that are put together from parts.
REBUILT_FIELDS = frozenset({"User", "Hashes", "QueryResults", "Details"})
#: The parts of ``Hashes`` in Sysmon's order, each with the fields it may be in.
_HASHES = tuple(
    (name, tuple(f"{place}.{part}" for place in ("process.hash", "file.hash", "process.pe", "file.pe")))
    for part, name in (("sha1", "SHA1"), ("md5", "MD5"), ("sha256", "SHA256"), ("imphash", "IMPHASH"))
)
_HASHED = frozenset(place for _, places in _HASHES for place in places)
#: The top-level objects of ECS that fields of events are moved into.
_ECS = frozenset("destination dns file network powershell process registry rule service source sysmon user".split())

Object = Mapping[str, Any]


def read(payload: Object) -> Draft:
    """``winlog.*`` with ``host.*``, ``event.*`` and ``@timestamp``.

    The host is ``winlog.computer_name``: ``host.name`` is in lower case, and the collector's where events are forwarded.
    The time is ``winlog.time_created`` where it is kept, else ``@timestamp``. Only the Sysmon pipeline puts something else
    there (``UtcTime``) and the event's own time into ``event.created``, which everywhere else is when it was read.
    """
    roots = payload if "." not in "".join(payload) else _by_root(payload)
    winlog, event = _object(roots, "winlog"), _object(roots, "event")
    if "." in "".join(winlog):
        winlog = _undotted(winlog)
    provider = winlog.get("provider_name") or event.get("provider")
    event_id = winlog["event_id"] if "event_id" in winlog else event.get("code")
    name = provider.lower() if isinstance(provider, str) else ""
    return Draft(
        event_id,
        provider,
        winlog.get("channel"),
        winlog.get("computer_name") or _computer(_object(roots, "host")),
        winlog.get("record_id"),
        utc(_time(winlog, event, roots)),
        _level(winlog.get("level") or _object(roots, "log").get("level"), name),
        _keywords(winlog.get("keywords"), winlog.get("outcome"), name),
        _data(winlog, _ecs(roots), name, event_id),
    )


def _object(roots: Object, name: str) -> Object:
    found = roots.get(name)
    return found if isinstance(found, dict) else {}


def _by_root(payload: Object) -> dict[str, Any]:
    """A document with dotted keys (``winlog.channel``) as one of objects, undone as far as the first dot only."""
    found: dict[str, Any] = {}
    for key, item in payload.items():
        root, dot, rest = key.partition(".")
        if dot:
            _put(found, root, ((rest, item),))
        elif isinstance(item, dict):
            _put(found, root, item.items())
        else:
            found.setdefault(key, item)
    return found


def _undotted(winlog: Object) -> dict[str, Any]:
    """``event_data.Image`` and the like: the two objects in it that matter gathered from all their spellings."""
    found: dict[str, Any] = {}
    for path, item in _flat(winlog).items():
        root, dot, rest = path.partition(".")
        if dot and root in ("event_data", "user_data"):
            _put(found, root, ((rest, item),))
        else:
            found.setdefault(path, item)
    return found


def _put(found: dict[str, Any], name: str, pairs: Iterable[tuple[str, Any]]) -> None:
    """Into the object of that name, which is made, also where something else has the name; what is there stays."""
    known = found.get(name)
    if not isinstance(known, dict):
        known = found[name] = {}
    for key, item in pairs:
        known.setdefault(key, item)


def _flat(raw: Object) -> dict[str, Any]:
    """Every value below an object by its dotted path, in order; of two the first. Lists stay whole.

    Iterative, because hostile input nests deeper than Python calls. What lies below a path of absurd length is named
    without it: else a megabyte of text becomes gigabytes of names.
    """
    found: dict[str, Any] = {}
    above = [("", iter(raw.items()))]
    while above:
        path, pairs = above[-1]
        for key, item in pairs:
            if isinstance(item, dict):
                below = f"{path}{key}." if len(path) + len(key) < _PATH_LENGTH else ""
                above.append((below, iter(item.items())))
                break
            found.setdefault(path + key, item)
        else:
            above.pop()
    return found


def _computer(host: Object) -> Any:
    return host.get("name") or host.get("hostname")


def _time(winlog: Object, event: Object, roots: Object) -> Any:
    created = winlog.get("time_created")
    if created is None and _by_sysmons_pipeline(event, roots):
        created = event.get("created")
    return created if created is not None else roots.get("@timestamp")


def _by_sysmons_pipeline(event: Object, roots: Object) -> bool:
    """How a document shows that a Sysmon pipeline went over it."""
    return (
        event.get("module") == "sysmon"
        or event.get("dataset") == _SYSMON_DATASET
        or _object(roots, "data_stream").get("dataset") == _SYSMON_DATASET
    )


def _ecs(roots: Object) -> dict[str, Any]:
    """The fields of the ECS objects that may hold an event's own, by their dotted paths."""
    there = [name for name in roots if name in _ECS]
    return _flat({name: roots[name] for name in there}) if there else {}


def _level(level: Any, provider: str) -> Any:
    """Windows' number. Audit events have 0, which Beats calls information like 4."""
    number = LEVELS.get(level.lower(), level) if isinstance(level, str) else level
    return "0" if number == "4" and provider == SECURITY else number


def _keywords(words: Any, outcome: Any, provider: str) -> Any:
    """The mask, where the words tell it whole; those of other providers come without their numbers."""
    if provider != SECURITY:
        return None
    for said in (*words, outcome) if isinstance(words, list) else (words, outcome):
        if isinstance(said, str) and said in AUDIT_KEYWORDS:
            return AUDIT_KEYWORDS[said]
    return None


def _data(winlog: Object, ecs: Object, provider: str, event_id: Any) -> Object:
    data = _own(winlog)
    number = word(event_id) if ecs else ""
    if not number.isdecimal() or len(number) >= _ID_LENGTH:
        return data
    moved = dict(_rebuilt(ecs)) if provider == SYSMON else {}
    known = twins(provider, int(number))
    for path, raw in ecs.items():
        twin = known.get(path)
        if twin is not None and raw is not None:
            moved[twin.name] = twin.spell(raw)
    return {**moved, **data}


def _own(winlog: Object) -> Object:
    data, more = _object(winlog, "event_data"), _object(winlog, "user_data")
    if dict in map(type, data.values()):
        data = _flat(data)
    return gather([*data.items(), *_user_data(more)]) if more else data


def _user_data(wrapped: Object) -> Iterator[tuple[str, Any]]:
    """The fields in it by their last names, whatever is around them (``EventXML``), which may be there or not."""
    for path, item in _flat(wrapped).items():
        if path != "xml_name":
            yield from leaves(path.rpartition(".")[2], item)


def _rebuilt(ecs: Object) -> Iterator[tuple[str, str]]:
    """Sysmon fields the pipeline took apart, put together as Sysmon writes them."""
    domain, user = ecs.get("user.domain"), ecs.get("user.name")
    if isinstance(domain, str) and isinstance(user, str):
        yield "User", f"{domain}\\{user}"
    if not _HASHED.isdisjoint(ecs):
        hashes = ",".join(f"{name}={text.upper()}" for name, text in _hashes(ecs))
        if hashes:
            yield "Hashes", hashes
    answers = ecs.get("dns.answers")
    if isinstance(answers, list):
        results = "".join(_answers(answers))
        if results:
            yield "QueryResults", results
    details = _details(ecs.get("registry.data.type"), ecs.get("registry.data.strings"))
    if details:
        yield "Details", details


def _hashes(ecs: Object) -> Iterator[tuple[str, str]]:
    for name, places in _HASHES:
        text = next((ecs[place] for place in places if isinstance(ecs.get(place), str)), None)
        if text is not None:
            yield name, text


def _answers(answers: list[Any]) -> Iterator[str]:
    for answer in answers:
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
