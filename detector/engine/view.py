"""One event while it is judged by many rules: what they all ask of it is made once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from detector.engine.values import fold, values
from detector.model.event import Event, FieldValue

#: Stands between the values in ``everything``.
BETWEEN = "\0"


class View(dict[str, tuple[str, ...]]):
    """An event's fields, their values folded, each when it is first asked for."""

    __slots__ = ("_everything", "event")

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event
        self._everything: str | None = None

    def __missing__(self, name: str) -> tuple[str, ...]:
        value = self.event.fields.get(name)
        if isinstance(value, str):
            folded: tuple[str, ...] = (fold(value),)
        else:
            folded = tuple(map(fold, value or ()))
        self[name] = folded
        return folded

    def raw(self, name: str) -> tuple[str, ...]:
        """The field's values as logged."""
        return values(self.event, name)

    @property
    def everything(self) -> str:
        """All values folded, ``BETWEEN`` them."""
        if self._everything is None:
            self._everything = fold(_joined(self.event.fields.values()))
        return self._everything


def _joined(fields: Iterable[FieldValue]) -> str:
    try:
        return BETWEEN.join(cast("Iterable[str]", fields))
    except TypeError:  # a null or a list is seldom among them
        return BETWEEN.join(text for value in fields for text in ((value,) if isinstance(value, str) else value or ()))
