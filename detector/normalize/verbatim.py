"""Which text of an event stands in its record as it is: what a search over raw records may look for.

"Stands" means: contiguous within one value of the record, but for letter case and for JSON's escapes. Normalisation breaks
that in two ways, and nothing else does:

- some *fields* are made: composed, translated or counted anew, in some spelling of some event (:data:`MADE_FIELDS`);
- some *forms of text* are brought to one form in whatever field they are (:mod:`~.values`): :func:`standing` takes them out
  of a text that is looked for.

Both speak of the record's payload. What is not JSON in the source (numbers, GUIDs, SIDs and times are binary in EVTX) does
not stand there as text at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from detector.normalize.fields import HIVES, INTEGRITY, respelt_fields
from detector.normalize.taxonomy import COMPOSED_FIELDS
from detector.normalize.winlogbeat import REBUILT_FIELDS

#: Fields whose value may, in some spelling of some event, be text that does not stand in the record.
MADE_FIELDS: frozenset[str] = (
    frozenset({"Level", "Keywords"})  # Winlogbeat ships words, NXLog another scale and a signed number
    | REBUILT_FIELDS
    | COMPOSED_FIELDS
    | respelt_fields()
)

#: Any part of what a GUID, a time cut to microseconds, or a number that JSON does not keep as spelt (``1e3``) may become.
_OF_GUID = re.compile(r"\{?[0-9A-Fa-f-]*\}?")
_OF_FINE_TIME = re.compile(r"[0-9Tt:.-]*[Zz]")
_OF_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]*)?")


def standing(sought: str) -> list[str]:
    """The parts of ``sought`` that stand in the record of every event that has ``sought`` within a value of a field not made.

    Empty when there is no such part: then the text says nothing about the record. Line ends are left out (the record may
    have ``\\r\\n``), the braces of what may be part of a GUID (the EVTX parser leaves them out), the ``Z`` of what may be a
    time (a record may have more digits before it), and what is a number or part of one, which is not kept as spelt.
    """
    parts = map(_without_edges, sought.split("\n"))
    return [part for part in parts if not _OF_NUMBER.fullmatch(part)]


#: Made fields of whose values more is known: at what they fall into texts each of which stands in the record by itself (a
#: registry key of Security 4657 is its path and the value's name), and what any part of a text that is put in looks like
#: (the short name of a hive; a number as Sysmon shows it).
_PIECES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "TargetObject": ("\\", re.compile("h?k?l?m?|h?k?u?", re.IGNORECASE)),
    "Details": ("\n", re.compile(r"d?w?o?r?d? ?\(?0?x?[0-9a-f]*\)?", re.IGNORECASE)),
}


#: What stands between the parts of a value that is put together, whatever its field, and the words that are put in. Two colons
#: are put in before an address only (``::ffff:10.1.2.3;``), never behind a word.
_JOINTS = re.compile(r"(?:[\\=,;() ]|(?<!:):(?!:)|:(?=::)|(?:^|(?<=[\\=,;() ])):+)+")
_PUT_IN = (
    *(word.lower() for word in (*HIVES.values(), *INTEGRITY.values())),
    *"nt authority system local network service dword type sha1 md5 sha256 imphash true false".split(),
)


def standing_anywhere(sought: str) -> list[str]:
    """The same of a text that is looked for in all fields."""
    pieces = _JOINTS.split(sought)
    made = [piece for piece in pieces if any(piece.lower() in word for word in _PUT_IN)]
    return [part for piece in pieces if piece not in made for part in standing(piece)]


def standing_in(name: str, sought: str) -> list[str]:
    """The same of a text that is looked for in the field ``name`` (empty: in all), also of the parts of some that are made."""
    if not name:
        return standing_anywhere(sought)
    if name not in MADE_FIELDS:
        return standing(sought)
    if name not in _PIECES:
        return []
    between, put_in = _PIECES[name]
    return [part for piece in sought.split(between) if not put_in.fullmatch(piece) for part in standing(piece)]


def _without_edges(part: str) -> str:
    if _OF_GUID.fullmatch(part):
        return part.strip("{}")
    return part[:-1] if _OF_FINE_TIME.fullmatch(part) else part
