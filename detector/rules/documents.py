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
    nodes = yaml.compose_all(text, Loader=yaml.CSafeLoader)
    while True:
        try:
            node = next(nodes, None)
            if node is None:
                return
            data = _Constructor().construct_document(node)
        except RecursionError:
            yield Loss(LossKind.RULE, file, "not YAML: nested too deeply")
            return
        except yaml.constructor.ConstructorError as error:
            yield _loss(file, error)
        except yaml.YAMLError as error:
            yield _loss(file, error)
            return
        else:
            if data is not None:
                start, end = node.start_mark.line, node.end_mark.line
                yield Document(file, start + 1, "".join(lines[start : end + 1]), data, node)


class _Constructor(yaml.constructor.SafeConstructor):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key, _ in node.value:
            if key.value in seen:
                first = seen[key.value]
                problem = f"the key {key.value!r} stands here a second time (first on line {first})"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            if isinstance(key, yaml.ScalarNode):
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
