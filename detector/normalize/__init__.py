"""RawRecord to Event: every spelling of one event gives the same event.

One module a spelling (``winlog``, ``winlogbeat``, ``nxlog``) finds the parts of a record, :mod:`~.values` and :mod:`~.instant`
bring them to one form, :mod:`~.fields` is the one table of names, :mod:`~.taxonomy` adds Sigma's names across logs.
:mod:`~.verbatim` says which text of an event stands in its record as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from detector.model.event import Event, RawRecord, Shape
from detector.model.loss import Loss, LossKind
from detector.normalize import nxlog, winlog, winlogbeat
from detector.normalize.assemble import assemble
from detector.normalize.draft import Draft
from detector.normalize.verbatim import MADE_FIELDS, standing, standing_in

__all__ = ["MADE_FIELDS", "normalize", "standing", "standing_in"]

_SPELLINGS: Mapping[Shape, Callable[[Mapping[str, Any]], Draft]] = {
    Shape.WINLOG: winlog.read,
    Shape.WINLOGBEAT: winlogbeat.read,
    Shape.NXLOG: nxlog.read,
}


def normalize(record: RawRecord) -> Event | Loss:
    """The event a record tells of, or ``Loss(UNPARSED)`` naming what it lacks. Raises nothing, whatever the record holds."""
    event = assemble(_SPELLINGS[record.shape](record.payload), record.source)
    if isinstance(event, Event):
        return event
    return Loss(LossKind.UNPARSED, f"{record.source}: {record.place}", f"a record without {' and '.join(event)}")
