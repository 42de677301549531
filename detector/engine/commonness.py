"""How many events a key may let through: a guess, by which the best of a rule's gates is chosen. Being wrong costs time only."""

from __future__ import annotations

import re

from detector.engine.gates import Key, Way

#: In the paths and command lines of any machine.
_EVERYWHERE = re.compile(
    r"(?<![a-z0-9])(?:windows|system(?:32)?|syswow64|program files(?: \(x86\))?|programdata|users|public|appdata|local|roaming"
    r"|temp|microsoft|software|classes|currentversion|control|services?|authority|admin|drivers"
    r"|cmd|powershell|rundll32|svchost|explorer|wscript|cscript|wmiprvse|exe|dll|ps1|http)(?![a-z0-9])"
)
#: By how many characters are left of the text without these.
_BY_LENGTH = {0: 1000.0, 1: 1000.0, 2: 300.0, 3: 100.0, 4: 20.0, 5: 10.0}
_LONG = 3.0
#: Fields by which events are led to their rules: most events that come by have the value.
_OF_THE_ROUTE = frozenset({"EventID", "Channel", "Provider_Name"})


def commonness(key: Key) -> float:
    """On no particular scale, and more than nothing."""
    if key.field in _OF_THE_ROUTE:
        return 1000.0
    if key.way is Way.EQUALS:
        return 1.0
    return _BY_LENGTH.get(len(_EVERYWHERE.sub("", key.text)), _LONG)
