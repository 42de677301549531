"""Which rules look at a record at all, read off the head of its JSON as the EVTX parser writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from detector.engine.routes import Routes
from detector.model.event import EventRef
from detector.model.rule import Rule, RuleSet

#: How the parser begins a record, up to the event's version; anything else has no route.
_HEAD = re.compile(
    rb'\{"Event":\{"#attributes":\{[^{}]*\},"System":\{"Provider":\{"#attributes":\{"Name":"([^"\\]+)"[^{}]*\}\},'
    rb'"EventID":(?:(\d{1,9})|\{"#attributes":\{[^{}]*\},"#text":(\d{1,9})\})'
)
#: A route is kept for each (provider, channel, event id) seen; hostile input could make them up without end.
_MOST = 20_000
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class RouteTable:
    """Routes of records by what stands in their heads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._routes = Routes(RuleSet(tuple(rules), ""))
        self._known: dict[tuple[bytes, bytes], frozenset[int] | None] = {}

    def places(self, text: bytes) -> frozenset[int] | None:
        """The places of the rules that look at such a record; ``None`` when that cannot be told."""
        end = text.find(b',"Version":')
        channel = text.find(b'"Channel":"', end)
        after = text.find(b'"', channel + 11)
        if end < 0 or channel < 0 or not text.startswith(b'","Computer":"', after):
            return None
        key = text[:end], text[channel + 11 : after]
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = self._looking(*key)
        return self._known[key]

    def _looking(self, head: bytes, channel: bytes) -> frozenset[int] | None:
        found = _HEAD.fullmatch(head)
        if found is None or b"\\" in channel:
            return None
        log, provider, plain, qualified = (
            part.decode("utf-8", "replace").strip() for part in (channel, *found.groups(b""))
        )
        ref = EventRef("", "", log, provider, int(plain or qualified), None, _NO_TIME)
        return self._routes.of(ref).places
