"""YAML files to documents that know their lines. A key written twice is an error, not the last one's victory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from detector.model.loss import Loss, LossKind


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file. ``line`` is where it begins, ``text`` the document itself, ``data`` what it says."""

    file: str
    line: int
    text: str
    data: Any
    node: yaml.Node

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of the innermost key of ``path`` that is there."""
        node, line = self.node, self.line
        for key in path:
            found = _child(node, key)
            if found is None:
                return line
            line, node = found
        return line


def read_documents(text: str, file: str) -> Iterator[Document | Loss]:
    """Every document of a file's text, in order; a :class:`Loss` for one that cannot be read and for what follows it.

    Empty documents are left out.
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


def _construct(node: yaml.Node, file: str, lines: list[str]) -> Document | Loss | None:
    start, end = node.start_mark.line, node.end_mark.line + bool(node.end_mark.column)
    try:
        data = _Constructor().construct_document(node)
    except yaml.constructor.ConstructorError as error:
        return _loss(file, error)
    except (ValueError, LookupError, AttributeError, TypeError) as error:  # what "!!int x" happens to raise
        return Loss(LossKind.RULE, f"{file}:{start + 1}", f"not YAML: {error}")
    return None if data is None else Document(file, start + 1, "".join(lines[start:end]), data, node)


class _Constructor(yaml.constructor.SafeConstructor):
    """YAML's plain types, but a date stays the text it was written as."""

    yaml_constructors = yaml.constructor.SafeConstructor.yaml_constructors | {
        "tag:yaml.org,2002:timestamp": yaml.constructor.SafeConstructor.construct_yaml_str
    }

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
