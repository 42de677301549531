"""A configuration file as a tree of YAML nodes: every node knows its line, and no value has been guessed at yet.

``yaml.compose`` is used and never ``yaml.load``: a date, a number or a ``no`` stays the text its author wrote.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml

from detector.errors import ConfigError, Problem

#: A longer file is no inventory and no policy: a hundred thousand hosts take about 5 MiB.
_MOST_BYTES = 16 * 1024 * 1024

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml refuses to nest deeper than 1,000 levels

_QUOTE_PATH = "write Windows paths in single quotes, 'C:\\path', where a backslash is a backslash"
_QUOTE_PATTERN = "put it in single quotes: '*.t1'"
#: What a parser's complaint usually means in these files: a part of its message, and what to do.
_MEANINGS = {
    "escape character": _QUOTE_PATH,
    "hexdecimal number": _QUOTE_PATH,  # as libyaml spells it, of the \U in "C:\Users"
    "while scanning an alias": f"a pattern that begins with * looks like a YAML alias; {_QUOTE_PATTERN}",
    "undefined alias": f"a pattern that begins with * looks like a YAML alias; {_QUOTE_PATTERN}",
    "another document": "one file holds one document: remove the line ---",
    "mapping values are not allowed": "a value with a colon needs single quotes",
    "unexpected end of stream": "a quote is opened here and never closed",
    "flow sequence": "a [list] is not closed, or a pattern with [brackets] in it is not in single quotes",
    "nesting depth": "nothing in this file is nested so deep",
    "expected key": "look at the indentation, and at quotes that are not closed",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file that is a YAML mapping. ``digest`` is the SHA-256 of its bytes, in hexadecimal."""

    file: str
    digest: str
    root: yaml.MappingNode


def read(path: Path) -> Source:
    """The file as a tree. Raises :class:`ConfigError` for one that cannot be read, is no YAML or no mapping."""
    file = str(path)
    data = _bytes(path, file)
    root = _composed(_decoded(data, file), file)
    if root is None:
        raise _error(file, "the file is empty", "it has at least one key, for instance `version: 1`")
    if not isinstance(root, yaml.MappingNode):
        mark = root.start_mark
        what = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        raise _error(file, f"the file is {what}", "it must be `key: value` lines", mark.line + 1, mark.column + 1)
    return Source(file, hashlib.sha256(data).hexdigest(), root)


def _error(file: str, message: str, hint: str, line: int = 0, column: int = 0) -> ConfigError:
    return ConfigError([Problem(file, line, column, "", message, hint)])


def _bytes(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise _error(file, "there is no such file", "check the path") from None
    except OSError as error:
        hint = "name a file, not a folder" if isinstance(error, IsADirectoryError) else "check who may read it"
        raise _error(file, f"cannot be read: {error.strerror or error}", hint) from None
    except ValueError:  # a NUL byte in the path
        raise _error(file, "is no path", "check the path") from None
    if len(data) > _MOST_BYTES:
        raise _error(file, f"is longer than {_MOST_BYTES // 1024**2} MiB", "name the configuration file")
    return data


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise _error(file, f"byte 0x{data[error.start]:02x} is not UTF-8", "save it as UTF-8", line, column) from None


def _composed(text: str, file: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        message = f"character {text[error.position : error.position + 1]!r} is not allowed"
        raise _error(file, message, "remove it", before.count("\n") + 1, error.position - before.rfind("\n")) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        said = ", ".join(part for part in (error.problem, error.context) if part)
        raise _error(file, f"not valid YAML: {said}", _meaning(said, text, line, column), line, column) from None
    except RecursionError:
        raise _error(file, "is nested too deep", _MEANINGS["nesting depth"]) from None
    return root


def _meaning(said: str, text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :] if 0 < line <= len(lines) else ""
    before = lines[line - 1][: column - 1] if rest else ""
    if rest.startswith("\t") or "\t" in before:
        return "use spaces, not tabs"
    if "cannot start any token" in said:
        return f"a value that begins with {rest[:1]} needs single quotes"
    return next((hint for part, hint in _MEANINGS.items() if part in said), "")
