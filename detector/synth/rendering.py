"""Scenario -> files: which events, in which files, in which order; the formats are written elsewhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from detector.errors import UsageError
from detector.synth.background import background
from detector.synth.events import SynthEvent, complete, log_lines
from detector.synth.evtx import write_evtx
from detector.synth.filling import short_name, stable
from detector.synth.nxlog import flat
from detector.synth.scenario import RENDERINGS, LogLine, Scenario, ScenarioEvent
from detector.synth.to_evtx import record
from detector.synth.winlogbeat import document, hit


@dataclass(frozen=True, slots=True)
class Options:
    """How a scenario is rendered.

    ``background`` ordinary events are mixed in, drawn with ``seed``. ``shuffle`` is the seed of an order that is not
    time. ``duplicate`` is the share (0-1) of events that lie in a second file too. ``split`` files hold what would be
    one. ``only_before`` is the id of the last event to render. ``ecs`` adds ECS fields beside the raw ones.
    """

    background: int = 0
    seed: int = 0
    shuffle: int | None = None
    duplicate: float = 0.0
    split: int = 1
    only_before: str | None = None
    tool_logs: bool = True
    ecs: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    """One file to write: its name without suffix and its events; ``copy`` counts forwarded copies."""

    stem: str
    events: Sequence[SynthEvent]
    copy: int = 0


def events_of(scenario: Scenario, options: Options | None = None) -> list[SynthEvent]:
    """The Windows events of ``scenario`` and its background, whole, in time order. Raises ``UsageError``."""
    options = options or Options()
    told = [event for event in scenario.events if isinstance(event, ScenarioEvent)]
    whole = complete([*told, *background(scenario, options.background, options.seed)])
    if options.only_before is None:
        return whole
    wanted = _up_to(scenario, options.only_before)
    last = max((event.time for event in whole if event.id in wanted), default=scenario.t0)
    return [event for event in whole if event.id in wanted or (event.id.startswith("bg.") and event.time <= last)]


def render(scenario: Scenario, format: str, out_dir: Path, *, options: Options | None = None) -> list[Path]:
    """Write the evidence of ``scenario`` into ``out_dir``; returns the files in the order of their names.

    Raises ``UsageError`` for a format or event id that is none and for numbers out of range, ``ValueError`` for an event
    that fits no log, ``OSError``.
    """
    options = options or Options()
    _check(format, options)
    out_dir.mkdir(parents=True, exist_ok=True)
    files = _files(events_of(scenario, options), format, options)
    write = _evtx if format == "evtx" else _lines(_encoder(format, scenario, options))
    paths = [write(out_dir, file) for file in files]
    if options.tool_logs:
        paths += _tool_logs(scenario, out_dir, options)
    return sorted(paths)


def _check(format: str, options: Options) -> None:
    if format not in RENDERINGS:
        raise UsageError(f"not a format: {format} (one of {', '.join(RENDERINGS)})")
    if not 0 <= options.duplicate <= 1:
        raise UsageError(f"the share to duplicate must be between 0 and 1, not {options.duplicate}")
    if options.split < 1 or options.background < 0:
        raise UsageError("split must be 1 or more, background 0 or more")


def _up_to(scenario: Scenario, last: str) -> set[str]:
    ids = [event.id for event in scenario.events]
    if last not in ids:
        raise UsageError(f"the scenario {scenario.id} has no event {last}")
    return set(ids[: ids.index(last) + 1])


def _files(events: list[SynthEvent], format: str, options: Options) -> list[_File]:
    """One file a host and channel for EVTX, one a host for the rest; then copies, order and split as asked."""
    groups: dict[str, list[SynthEvent]] = {}
    for event in events:
        name = short_name(event.host)
        channel = event.channel.replace("/", "%4").replace("\\", "%5")
        groups.setdefault(f"{name}_{channel}" if format == "evtx" else f"{name}_{format}", []).append(event)
    files = [_File(stem, found) for stem, found in sorted(groups.items())]
    copies = [event for event in events if _draw(event, options.seed) < options.duplicate]
    if copies:
        files.append(_File("ForwardedEvents", copies, copy=1))
    if options.shuffle is not None:
        files = _shuffled(files, random.Random(options.shuffle))
    return [part for file in files for part in _split(file, options.split)]


def _draw(event: SynthEvent, seed: int) -> float:
    return stable("copy", str(seed), event.host, event.channel, str(event.record_id)) / 2**64


def _shuffled(files: list[_File], chance: random.Random) -> list[_File]:
    """Another order of records in every file, and of the files: by a number before their names."""
    shuffled = [_File(file.stem, chance.sample(file.events, len(file.events)), file.copy) for file in files]
    chance.shuffle(shuffled)
    return [_File(f"{number:03d}_{file.stem}", file.events, file.copy) for number, file in enumerate(shuffled)]


def _split(file: _File, parts: int) -> Iterator[_File]:
    if parts == 1:
        yield file
        return
    size = -(-len(file.events) // parts)
    for number in range(parts):
        share = file.events[number * size : (number + 1) * size]
        if share:
            yield _File(f"{file.stem}.part{number + 1}", share, file.copy)


def _evtx(out_dir: Path, file: _File) -> Path:
    path = out_dir / f"{file.stem}.evtx"
    write_evtx(path, (record(event) for event in file.events))
    return path


_Encoder = Callable[[SynthEvent, int], dict[str, Any]]


def _encoder(format: str, scenario: Scenario, options: Options) -> _Encoder:
    if format == "nxlog":
        zone = ZoneInfo(scenario.zone)
        return lambda event, copy: flat(event, zone)
    if format == "es":
        return lambda event, copy: hit(event, copy, ecs=options.ecs)
    return lambda event, copy: document(event, ecs=options.ecs)


def _lines(encode: _Encoder) -> Callable[[Path, _File], Path]:
    def write(out_dir: Path, file: _File) -> Path:
        path = out_dir / f"{file.stem}.ndjson"
        with path.open("wb") as out:
            for event in file.events:
                out.write(orjson.dumps(encode(event, file.copy)) + b"\n")
        return path

    return write


def _tool_logs(scenario: Scenario, out_dir: Path, options: Options) -> list[Path]:
    """The tools' own logs: ``HOST_name`` beside the events, one line as told."""
    wanted = None if options.only_before is None else _up_to(scenario, options.only_before)
    logs: dict[str, list[LogLine]] = {}
    for line in log_lines(scenario.events):
        if wanted is None or line.id in wanted:
            logs.setdefault(f"{short_name(line.host)}_{line.file}", []).append(line)
    paths = []
    for name, found in sorted(logs.items()):
        path = out_dir / name
        path.write_bytes("".join(f"{line.line}\n" for line in found).encode("utf-8"))
        paths.append(path)
    return paths
