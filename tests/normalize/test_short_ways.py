"""Where normalisation takes a short way for the usual form, the long way gives the same event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detector.model.event import RawRecord, Shape
from detector.normalize import normalize
from detector.normalize.values import value
from tests.normalize.records import nxlog, winlog
from tests.normalize.test_verbatim import FIELDS, TEXT, VALUES, records


def dotted(document: dict[str, Any], chance: Callable[[st.SearchStrategy[bool]], bool]) -> dict[str, Any]:
    """The same document with some objects undone into dotted keys, as Elasticsearch and Logstash may give it."""
    found: dict[str, Any] = {}
    for key, item in document.items():
        if isinstance(item, dict) and item and chance(st.booleans()):
            found |= {f"{key}.{below}": one for below, one in dotted(item, chance).items()}
        else:
            found[key] = item
    return found


@given(st.dictionaries(st.text(max_size=6) | st.sampled_from(["Data", "a_1", "#text", "Binary", "xmlns"]), VALUES))
def test_plain_event_data(data: dict[str, Any]) -> None:
    """``UserData`` without content adds no field, but makes the event one of an unusual form."""
    assert winlog("P", 1, data=data).fields == winlog("P", 1, data=data, UserData=None).fields


@given(FIELDS)
def test_known_names_of_event_data(data: dict[str, Any]) -> None:
    assert winlog("P", 1, data=data).fields == winlog("P", 1, data=data, UserData=None).fields


@given(records().filter(lambda record: record.shape is Shape.WINLOGBEAT), st.data())
def test_dots(record: RawRecord, data: st.DataObject) -> None:
    """A dotted key and a nested one are the same (docs/inputs.md: "nested or dotted")."""
    other = RawRecord(record.source, record.place, record.shape, dotted(dict(record.payload), data.draw))
    assert normalize(other) == normalize(record)


@given(TEXT | st.text(st.sampled_from("a\r\n"), max_size=5))
def test_text_as_it_is(text: str) -> None:
    """Text that needs nothing done is not even looked at twice."""
    assert nxlog("P", 1, Field=text).fields["Field"] == value(text)
