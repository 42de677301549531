"""One mapping of a configuration file, read key by key; whatever is wrong is noted with its line, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

import yaml

from detector.config import words
from detector.errors import ConfigError, Problem

T = TypeVar("T")

_YAML = "tag:yaml.org,2002:"
_NULL = _YAML + "null"
#: What an unquoted text may be taken for; we keep what is written.
_TEXT = frozenset(_YAML + name for name in ("str", "int", "float", "bool", "timestamp", "value", "merge"))
_SAID = {yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "a single value"}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

#: Values read from one file, counted where they are used: a few aliases can make a small file endless.
_MOST_VALUES = 1_000_000


class WrongError(ValueError):
    """A value that cannot be. Caught where the line of the value is known."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Notes:
    """The problems of one file. ``empty_is_absent``: a key without a value counts as absent instead of wrong."""

    def __init__(self, file: str, *, empty_is_absent: bool) -> None:
        self.file = file
        self.empty_is_absent = empty_is_absent
        self.problems: list[Problem] = []
        self._values = 0

    def add(self, node: yaml.Node, key: str, message: str, hint: str = "") -> None:
        """Note a problem at a node."""
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, key, message, hint))

    def count(self, node: yaml.Node, key: str) -> None:
        """One more value was read. Raises :class:`ConfigError` when there is no end to them."""
        self._values += 1
        if self._values > _MOST_VALUES:
            self.add(node, key, "aliases make this file too large", "write the values out")
            self.settle()

    def settle(self) -> None:
        """Raise :class:`ConfigError` with all problems in the order of the file, if there is one."""
        if self.problems:
            unique = dict.fromkeys(self.problems)
            raise ConfigError(sorted(unique, key=lambda one: (one.line, one.column, one.key, one.message)))


def name(text: str) -> str:
    """A name, path or pattern. Raises :class:`WrongError` for one with characters that nobody can see."""
    text = text.strip()
    if not text:
        raise WrongError("is empty", "give a value or remove it")
    for char in text:
        if not char.isprintable():
            hint = "write paths in single quotes: a backslash is special in double ones" if char < " " else "retype it"
            raise WrongError(f"{text!r} has the invisible character U+{ord(char):04X}", hint)
    return text


def prose(text: str) -> str:
    """Text for people: any."""
    return text.strip()


def one_of(known: Collection[str], what: str) -> Callable[[str], str]:
    """A reader of one word of a fixed list, any case. ``what`` is its name in messages."""

    def read(text: str) -> str:
        word = text.strip().lower()
        if word not in known:
            raise WrongError(f"unknown {what} {text!r}", words.hint(word, known))
        return word

    return read


class Entry:
    """A mapping with known keys (``known`` empty: any key)."""

    def __init__(self, node: yaml.MappingNode, path: str, notes: Notes, known: Collection[str] = ()) -> None:
        self.node = node
        self.path = path
        self.notes = notes
        self._values: dict[str, yaml.Node] = {}
        self._keys: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in self._keys:
                line = self._keys[key].start_mark.line + 1
                notes.add(key_node, self.at(key), "stands here a second time", f"the first is on line {line}")
            elif known and key not in known:
                notes.add(key_node, self.at(key), f"unknown key {key!r}", words.hint(key, known))
            self._keys.setdefault(key, key_node)
            self._values.setdefault(key, value)

    def _key(self, node: yaml.Node) -> str | None:
        self.notes.count(node, self.path)
        if isinstance(node, yaml.ScalarNode) and node.tag in _TEXT and node.value.isprintable():
            return str(node.value)
        self.notes.add(node, self.path, "a key must be a plain word")
        return None

    @property
    def line(self) -> int:
        """Where it begins, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def at(self, key: str) -> str:
        """The dotted path of one of its keys."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, message: str, hint: str = "") -> None:
        """Note a problem at the value of a key, or at the entry when it has none."""
        self.notes.add(self._values.get(key, self.node), self.at(key) if key else self.path, message, hint)

    def has(self, key: str) -> bool:
        """Whether the key stands there, with whatever value."""
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        """All its keys, in order."""
        return iter(self._values)

    def needed(self, *keys: str) -> bool:
        """Whether all these keys are there, with a value; a missing one is noted."""
        missing = [key for key in keys if key not in self._values]
        for key in missing:
            self.notes.add(self.node, self.path, f"has no `{key}`", f"add `{key}: ...`")
        absent = [key for key in keys if key in self._values and self._values[key].tag == _NULL]
        if not self.notes.empty_is_absent:
            absent = []  # noted when it is read
        for key in absent:
            self.wrong(key, "has no value", "give one")
        return not (missing or absent)

    def one(self, key: str, read: Callable[[str], T], default: T) -> T:
        """The single value of a key."""
        node = self._present(key)
        if isinstance(node, yaml.SequenceNode | yaml.MappingNode):
            self.notes.add(node, self.at(key), f"expected a single value, found {_SAID[type(node)]}")
            return default
        found = self._read(node, self.at(key), read) if node is not None else []
        return found[0] if found else default

    def flag(self, key: str) -> bool:
        """True or false; absent is false."""

        def read(text: str) -> bool:
            if text.strip().lower() not in _FLAGS:
                raise WrongError(f"expected true or false, found {text!r}")
            return _FLAGS[text.strip().lower()]

        return self.one(key, read, False)

    def each(self, key: str, read: Callable[[str], T], *, strings_only: bool = False) -> tuple[T, ...]:
        """The values of a key that takes one or a list. ``strings_only``: what YAML takes for a number must be quoted."""
        node = self._present(key)
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            return tuple(self._read(node, self.at(key), read, strings_only))
        if not node.value and not self.notes.empty_is_absent:
            self.notes.add(node, self.at(key), "an empty list fits nothing", "remove the key if it does not matter")
        found: list[T] = []
        for index, item in enumerate(node.value):
            found += self._read(item, f"{self.at(key)}[{index}]", read, strings_only)
        return tuple(found)

    def mapping(self, key: str, known: Collection[str] = ()) -> Entry:
        """The mapping under a key; one without keys when it is absent, empty or wrong."""
        node = self._values.get(key)
        if node is not None and node.tag != _NULL and not isinstance(node, yaml.MappingNode):
            self.notes.add(node, self.at(key), f"expected a mapping, found {_SAID[type(node)]}", "write `key: value`")
        if not isinstance(node, yaml.MappingNode):
            node = yaml.MappingNode(_YAML + "map", [], self.node.start_mark, self.node.end_mark)
        return Entry(node, self.at(key), self.notes, known)

    def entries(self, key: str, known: Collection[str]) -> list[Entry]:
        """The mappings in the list under a key; a single mapping is a list of one."""
        node = self._values.get(key)
        if node is None or node.tag == _NULL:
            return []
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found = []
        for index, item in enumerate(items):
            path = f"{self.at(key)}[{index}]"
            if isinstance(item, yaml.MappingNode):
                found.append(Entry(item, path, self.notes, known))
            else:
                self.notes.add(item, path, f"expected a mapping, found {_SAID[type(item)]}", "write `- key: value`")
        return found

    def _present(self, key: str) -> yaml.Node | None:
        node = self._values.get(key)
        if node is None or node.tag != _NULL:
            return node
        if not self.notes.empty_is_absent:
            self.notes.add(node, self.at(key), "has no value", "give one, or remove the key if it does not matter")
        return None

    def _read(
        self, node: yaml.Node, path: str, read: Callable[[str], T], strings_only: bool = False
    ) -> list[T]:  # one value, or none when it is wrong
        self.notes.count(node, path)
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _TEXT:
            what = "nothing" if node.tag == _NULL else _SAID.get(type(node), "something else")
            if isinstance(node, yaml.ScalarNode) and node.tag != _NULL:
                what = f"the tag {node.tag!r}"
            self.notes.add(node, path, f"expected a text, found {what}", _text_hint(node))
            return []
        if strings_only and node.tag != _YAML + "str":
            kind = node.tag.removeprefix(_YAML)
            self.notes.add(node, path, f"YAML reads {node.value} as {kind}, not as text", f"quote it: '{node.value}'")
            return []
        try:
            return [read(node.value)]
        except WrongError as error:
            self.notes.add(node, path, error.message, error.hint)
            return []


def _text_hint(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a text with a colon and a space needs quotes; a group is written 'group:name', without a space"
    if isinstance(node, yaml.SequenceNode):
        return "a pattern with [brackets] needs single quotes"
    return ""
