"""A scenario: one story told in Windows events, and what a detector must say of it. ``docs/scenarios.md`` has every key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from detector.errors import ConfigError, InputError, Problem
from detector.synth.values import text_value

#: A field as a scenario spells it: text, null, or a list of texts (the ``Data`` of a classic provider).
FieldText = str | None | tuple[str, ...]

RENDERINGS = ("evtx", "ecs", "es", "nxlog")
_AT = re.compile(r"\+(?:(\d+)d )?(\d{2}):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?")
TOP_KEYS = ("id", "title", "verdict", "basis", "rendering", "t0", "stresses", "expect", "events")
EVENT_KEYS = ("id", "at", "host", "channel", "provider", "event_id", "file", "fields")
EXPECT_KEYS = (
    "min_level", "max_level", "asset", "origin_hosts", "no_later_than", "evidence", "policy_clause",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScenarioEvent:
    """One event as told: when (UTC), where, which, and the fields that matter."""

    id: str
    time: datetime
    host: str
    channel: str
    provider: str
    event_id: int
    fields: Mapping[str, FieldText]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a tool's own log: ``file`` is the log's name on ``host``."""

    id: str
    time: datetime
    host: str
    file: str
    line: str


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be found (malicious) or left alone (benign)."""

    min_level: str | None = None
    max_level: str | None = None
    asset: str | None = None
    origin_hosts: tuple[str, ...] = ()
    no_later_than: str | None = None
    evidence: tuple[str, ...] = ()
    policy_clause: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story. ``events`` has :class:`ScenarioEvent` and :class:`LogLine` in the order they are told, which is time.

    ``zone`` is the company's, for formats that log local time; ``company`` the text of the ``assets.yml`` and
    ``policy.yml`` beside the scenario (or one folder up), so that background keeps clear of what they name.
    """

    id: str
    title: str
    verdict: str
    rendering: str
    t0: datetime
    events: tuple[ScenarioEvent | LogLine, ...]
    expect: Expect = field(default_factory=Expect)
    basis: str = ""
    stresses: str = ""
    zone: str = "UTC"
    company: str = ""


def load_scenario(path: Path) -> Scenario:
    """Read a scenario. Raises ``InputError`` if there is no such file, ``ConfigError`` with every problem in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    try:
        root = yaml.compose(data.decode("utf-8"), yaml.SafeLoader)
    except UnicodeDecodeError:
        raise ConfigError([Problem(str(path), 0, 0, "", "not UTF-8 text")]) from None
    except yaml.YAMLError as error:
        raise ConfigError([_yaml_problem(path, error)]) from None
    scenario = _Reader(str(path)).scenario(root)
    company = "\n".join(_beside(path, name) for name in ("assets.yml", "policy.yml"))
    zone = re.search(r"^timezone: *['\"]?([A-Za-z_+\-/0-9]+)", company, re.MULTILINE)
    return replace(scenario, zone=zone[1] if zone else "UTC", company=company)


def _beside(path: Path, name: str) -> str:
    for folder in (path.parent, path.parent.parent):
        try:
            return (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return ""


def _yaml_problem(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    message = str(getattr(error, "problem", None) or error)
    return Problem(str(path), mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, "", message)


class _Reader:
    """Turns YAML nodes into values and collects every problem with its place."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []

    def scenario(self, root: yaml.Node | None) -> Scenario:
        top = self._keys(root, "", TOP_KEYS, required=("id", "t0", "events"))
        t0 = self._t0(top.get("t0"))
        rendering = self._text(top.get("rendering"), "rendering") or "evtx"
        if rendering not in RENDERINGS:
            self._bad(top["rendering"], "rendering", f"not a format: {rendering}", f"one of {', '.join(RENDERINGS)}")
        events = tuple(self._events(top.get("events"), t0))
        expect = self._expect(top.get("expect"), {event.id for event in events})
        if self._problems:
            raise ConfigError(self._problems)
        return Scenario(
            id=self._text(top["id"], "id"),
            title=self._text(top.get("title"), "title"),
            verdict=self._text(top.get("verdict"), "verdict"),
            rendering=rendering,
            t0=t0,
            events=events,
            expect=expect,
            basis=self._text(top.get("basis"), "basis"),
            stresses=self._text(top.get("stresses"), "stresses"),
        )

    def _events(self, node: yaml.Node | None, t0: datetime) -> Iterator[ScenarioEvent | LogLine]:
        seen: dict[str, datetime] = {}
        last = t0
        for index, item in enumerate(self._items(node, "events")):
            key = f"events[{index}]"
            event = self._event(item, key, t0)
            if event is None:
                continue
            if event.id in seen:
                self._bad(item, f"{key}.id", f"used twice: {event.id}")
            if event.time < last:
                self._bad(item, f"{key}.at", "earlier than the event before it")
            seen[event.id] = last = event.time
            yield event

    def _event(self, node: yaml.Node, key: str, t0: datetime) -> ScenarioEvent | LogLine | None:
        keys = self._keys(node, key, EVENT_KEYS, required=("id", "at", "host", "fields"))
        if not {"id", "at", "host", "fields"} <= keys.keys():
            return None
        at = self._offset(keys["at"], f"{key}.at")
        name, host = self._text(keys["id"], f"{key}.id"), self._text(keys["host"], f"{key}.host")
        fields = self._fields(keys["fields"], f"{key}.fields")
        if "file" in keys:
            line = fields.get("line")
            if not isinstance(line, str):
                self._bad(keys["fields"], f"{key}.fields", "a tool's log line needs its text in `line`")
                return None
            return LogLine(name, t0 + at, host, self._text(keys["file"], f"{key}.file"), line)
        channel = self._text(keys.get("channel"), f"{key}.channel")
        provider = self._text(keys.get("provider"), f"{key}.provider")
        number = self._text(keys.get("event_id"), f"{key}.event_id")
        if not channel or not provider or not re.fullmatch(r"\d{1,5}", number) or int(number) > 0xFFFF:
            self._bad(node, key, "an event needs channel, provider and event_id (0-65535), a log line needs file")
            return None
        return ScenarioEvent(name, t0 + at, host, channel, provider, int(number), fields)

    def _fields(self, node: yaml.Node, key: str) -> dict[str, FieldText]:
        return {name: self._field(value, f"{key}.{name}") for name, value in self._pairs(node, key)}

    def _field(self, node: yaml.Node, key: str) -> FieldText:
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._text(item, f"{key}[{index}]") for index, item in enumerate(node.value))
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            return None
        text = self._text(node, key)
        try:
            text_value(text)
        except ValueError as error:
            self._bad(node, key, str(error))
        return text

    def _expect(self, node: yaml.Node | None, ids: set[str]) -> Expect:
        if node is None:
            return Expect()
        keys = self._keys(node, "expect", EXPECT_KEYS)
        words = {
            name: self._text(keys.get(name), f"expect.{name}") or None for name in (*EXPECT_KEYS[:3], "no_later_than")
        }
        lists = {
            name: tuple(self._text(item, f"expect.{name}") for item in self._items(keys.get(name), f"expect.{name}"))
            for name in ("origin_hosts", "evidence", "policy_clause")
        }
        for name in (*lists["evidence"], *filter(None, [words["no_later_than"]])):
            if name not in ids:
                self._bad(node, "expect", f"no event has the id {name}", _nearest(name, sorted(ids)))
        return Expect(
            words["min_level"],
            words["max_level"],
            words["asset"],
            lists["origin_hosts"],
            words["no_later_than"],
            lists["evidence"],
            lists["policy_clause"],
        )

    def _t0(self, node: yaml.Node | None) -> datetime:
        text = self._text(node, "t0")
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            if node is not None:
                self._bad(node, "t0", f"not a time: {text}", "as in 2025-10-14T03:52:20Z, UTC")
            return datetime(1970, 1, 1, tzinfo=UTC)

    def _offset(self, node: yaml.Node, key: str) -> timedelta:
        text = self._text(node, key)
        match = _AT.fullmatch(text)
        if not match:
            self._bad(node, key, f"not an offset: {text}", "as in +00:05:02 or +2d 03:04:05")
            return timedelta()
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
        milliseconds = int((match[5] or "").ljust(3, "0"))
        return timedelta(days, seconds, 0, milliseconds, minutes, hours)

    def _keys(
        self, node: yaml.Node | None, key: str, known: tuple[str, ...], required: tuple[str, ...] = ()
    ) -> dict[str, yaml.Node]:
        found = {}
        for name, value in self._pairs(node, key):
            if name not in known:
                self._bad(value, f"{key}.{name}".lstrip("."), "not a key here", _nearest(name, known))
            found[name] = value
        for name in required:
            if name not in found:
                self._bad(node, key, f"`{name}` is missing")
        return found

    def _pairs(self, node: yaml.Node | None, key: str) -> Iterator[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            yield from ((str(name.value), value) for name, value in node.value)
        else:
            self._bad(node, key, "must be a mapping of keys to values")

    def _items(self, node: yaml.Node | None, key: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if node is not None and not (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            self._bad(node, key, "must be a list")
        return []

    def _text(self, node: yaml.Node | None, key: str) -> str:
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return ""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self._bad(node, key, "must be one text")
        return ""

    def _bad(self, node: yaml.Node | None, key: str, message: str, hint: str = "") -> None:
        line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (0, 0)
        self._problems.append(Problem(self._file, line, column, key, message, hint))


def _nearest(word: str, known: tuple[str, ...] | list[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else ""
