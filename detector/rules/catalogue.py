"""The tool catalogue: a file a tool in ``tools/`` beside this one, read once, checked whole.

Reading YAML of a hundred tools takes longer than a small scan, so what was read and checked is kept in the cache as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import yaml

from detector.errors import Problem, RuleError
from detector.model.tool import Abuse, Catalogue, Fact, Sure, Tool
from detector.rules.cache import Cache
from detector.rules.catalogue_form import FACTS, problems_of

TOOLS = Path(__file__).with_name("tools")
#: Counts up with every change of what is checked.
_FORM = b"1"

_loaded: dict[Path, Catalogue] = {}


def load_catalogue(cache: Cache | None = None) -> Catalogue:
    """The catalogue that ships with the program. Raises :class:`RuleError` when a file is damaged."""
    if TOOLS not in _loaded:
        _loaded[TOOLS] = _kept(read_tools(TOOLS), cache or Cache())
    return _loaded[TOOLS]


def read_tools(folder: Path) -> dict[str, bytes]:
    """The files of a catalogue by tool id. Raises :class:`RuleError` when one cannot be read."""
    try:
        return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.yml"))}
    except OSError as error:
        raise RuleError([Problem(str(folder), 0, 0, "", f"the tool catalogue cannot be read: {error}")]) from error


def parse_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue that files describe, each by its tool's id. Raises :class:`RuleError` with every problem of all of them."""
    return _catalogue(_checked(files))


def _kept(files: Mapping[str, bytes], cache: Cache) -> Catalogue:
    digest = sha256(_FORM)
    for tool_id, data in files.items():
        digest.update(b"%s %d " % (tool_id.encode(), len(data)))
        digest.update(data)
    kept = cache.get("tools", digest.digest())
    if kept is not None:
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            return _catalogue(orjson.loads(kept))
    documents = _checked(files)
    cache.put("tools", digest.digest(), orjson.dumps(documents, default=str))
    return _catalogue(documents)


def _checked(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    documents: dict[str, Any] = {}
    problems: list[Problem] = []
    for tool_id, data in files.items():
        try:
            documents[tool_id] = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
            problems.append(Problem(f"{tool_id}.yml", line, column, "", f"not YAML: {error}"))
    found = problems_of(documents)
    problems += [Problem(f"{tool_id}.yml", 0, 0, key, message) for tool_id, key, message in found]
    if problems or not documents:
        raise RuleError(problems or [Problem(str(TOOLS), 0, 0, "", "the tool catalogue is empty")])
    return documents


def _catalogue(documents: Mapping[str, Mapping[str, Any]]) -> Catalogue:
    return Catalogue({tool_id: _tool(tool_id, entry) for tool_id, entry in documents.items()})


def _tool(tool_id: str, entry: Mapping[str, Any]) -> Tool:
    sure = Sure(entry["sure"])
    pins, session = entry.get("tenant", {}), entry.get("session", {})
    return Tool(
        id=tool_id,
        name=entry["name"],
        kind=entry["kind"],
        vendor=entry.get("vendor", ""),
        about=" ".join(entry.get("about", "").split()),
        aliases=tuple(entry.get("aliases", ())),
        facts={kind: tuple(_fact(one, sure) for one in entry[kind]) for kind in FACTS if kind in entry},
        logs=dict(entry.get("logs", {})),
        traits={key: tuple(pin["patterns"]) for key, pin in pins.items()}
        | {key: tuple(patterns) for key, patterns in session.items()},
        shows={key: pin["shows"] for key, pin in pins.items()},
        abuse=tuple(Abuse(**one) for one in entry.get("abuse", ())),
        sources=tuple(entry.get("sources", ())),
        reviewed=str(entry.get("reviewed", "")),
    )


def _fact(told: str | Mapping[str, str], sure: Sure) -> Fact:
    if isinstance(told, str):
        return Fact(told, sure)
    ((value, word),) = told.items()
    return Fact(value, Sure(word))
