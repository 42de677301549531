"""YAML files to documents that know their lines. A key written twice is an error, not the last one's victory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from detector.model.loss import Loss, LossKind

#: Digits of a number: Python takes long for thousands of them, and does not print more than 4,300.
_LONGEST_NUMBER = 300
#: Types that no rule is written in; a set has no order to tell it in.
_NOT_SIGMAS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("binary", "set", "omap", "pairs"))
#: Values of one document. The largest public rule has about 5,000.
_MOST_NODES = 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file. ``line`` is where it begins, ``text`` the document itself, ``data`` what it says.

    One that was merged of several (``action: global``) has their ``nodes``, the one that wins first; ``inherited``: its id
    comes from another document than its own.
    """

    file: str
    line: int
    text: str
    data: Any
    nodes: tuple[yaml.Node, ...]
    inherited: bool = False

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of the innermost key of ``path`` that is there."""
        known = [_reach(node, path) for node in self.nodes]
        deep, line = max(known, key=lambda reached: reached[0], default=(0, 0))
        return line if deep else self.line


def read_documents(text: str, file: str) -> Iterator[Document | Loss]:
    """Every document of a file's text, in order; a :class:`Loss` for one that cannot be read and for what follows it.

    Empty documents are left out. What is written in few lines and means millions (aliases of aliases) is refused.
    """
    lines = text.splitlines(keepends=True)
    try:
        for node in yaml.compose_all(text, Loader=yaml.CSafeLoader):
            found = _construct(node, file, lines)
            if found is not None:
                yield found
    except yaml.YAMLError as error:
        yield _loss(file, error)
    except RecursionError:
        yield Loss(LossKind.RULE, file, "not YAML: nested too deeply")


def _reach(node: yaml.Node, path: tuple[str | int, ...]) -> tuple[int, int]:
    """How many keys of ``path`` are there, and the line of the last."""
    line = 0
    for depth, key in enumerate(path):
        found = _child(node, key)
        if found is None:
            return depth, line
        line, node = found
    return len(path), line


def _construct(node: yaml.Node, file: str, lines: list[str]) -> Document | Loss | None:
    start, end = node.start_mark.line, node.end_mark.line + bool(node.end_mark.column)
    written = "".join(lines[start:end])
    if "&" in written and _means(node) > _MOST_NODES:
        return Loss(
            LossKind.RULE, f"{file}:{start + 1}", f"aliases that make more than {_MOST_NODES:,} values, or never end"
        )
    try:
        data = _Constructor().construct_document(node)
    except yaml.constructor.ConstructorError as error:
        return _loss(file, error)
    except (ValueError, LookupError, AttributeError, TypeError) as error:  # what "!!int x" happens to raise
        return Loss(LossKind.RULE, f"{file}:{start + 1}", f"not YAML: {error}")
    return None if data is None else Document(file, start + 1, written, data, (node,))


def _means(top: yaml.Node) -> float:
    """How many values a document means when every alias is written out; infinite when one stands in itself."""
    known: dict[int, float] = {}
    open_: list[tuple[yaml.Node, bool]] = [(top, False)]
    while open_:
        node, seen = open_.pop()
        if seen:
            known[id(node)] = 1 + sum(known[id(part)] for part in _parts(node))
        elif id(node) not in known:
            known[id(node)] = math.inf  # until it is counted: whoever meets it before then stands inside it
            open_.append((node, True))
            open_ += [(part, False) for part in _parts(node)]
    return known[id(top)]


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


class _Constructor(yaml.constructor.SafeConstructor):
    """YAML's plain types, but dates and times stay the text they were written as: YAML 1.1 makes a number of ``12:30``."""

    yaml_constructors = {
        tag: construct
        for tag, construct in yaml.constructor.SafeConstructor.yaml_constructors.items()
        if tag not in _NOT_SIGMAS
    } | {
        "tag:yaml.org,2002:timestamp": yaml.constructor.SafeConstructor.construct_yaml_str,
        "tag:yaml.org,2002:int": lambda self, node: self.number(node, self.construct_yaml_int),
        "tag:yaml.org,2002:float": lambda self, node: self.number(node, self.construct_yaml_float),
    }

    def number(self, node: yaml.ScalarNode, read: Callable[[yaml.ScalarNode], int | float]) -> int | float | str:
        """A number, or the text when it is written with colons, or longer than numbers are."""
        said = str(self.construct_scalar(node))
        return said if ":" in said or len(said) > _LONGEST_NUMBER else read(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                problem = f"the key {key.value!r} stands here a second time (first on line {seen[key.value]})"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep=deep)


def _child(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    """The line of a key (of a mapping) or place (of a sequence), and the node it leads to."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


def _loss(file: str, error: yaml.YAMLError) -> Loss:
    mark = getattr(error, "problem_mark", None)
    where = f"{file}:{mark.line + 1}" if mark else file
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return Loss(LossKind.RULE, where, f"not YAML: {problem}")
