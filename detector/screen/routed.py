"""The screen for thousands of rules: some literal of theirs stands in any block, so records are screened, and by their route.

A record's route (its provider, channel and event id) tells whether any rule looks at it at all. To find out more by searching
its text would cost more than the matcher's index, which finds the few rules that may be true of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from detector.engine.logsource import sources
from detector.engine.routes import Routes
from detector.model.event import EventRef
from detector.model.rule import RuleSet
from detector.screen.search import Keep, make_anew
from detector.screen.sieve import Sieve, Wanted

#: With more rules the screen of blocks lets nearly everything pass.
MANY = 1000

#: How the EVTX parser begins a record, up to the event's version; anything else has no route.
_HEAD = re.compile(
    rb'\{"Event":\{"#attributes":\{[^{}]*\},"System":\{"Provider":\{"#attributes":\{"Name":"([^"\\]+)"[^{}]*\}\},'
    rb'"EventID":(?:(\d{1,9})|\{"#attributes":\{[^{}]*\},"#text":(\d{1,9})\})'
)
#: A route is kept for each (provider, channel, event id) seen; hostile input could make them up without end.
_MOST_ROUTES = 20_000
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class RoutedSieve:
    """As :class:`~detector.screen.sieve.Sieve`, for a first look with many rules."""

    first = True

    def __init__(self, wanted: Wanted, rules: RuleSet, keep: Keep = make_anew) -> None:
        self._routes = Routes(rules)
        #: Rules that look at every event of every log are looked for by their literals, as names are.
        of_any = tuple(place for place in wanted.rules if sources(rules.rules[place].logsource)[0].log is None)
        self._routed = frozenset(wanted.rules).difference(of_any)
        self._others = Sieve(replace(wanted, rules=of_any), rules.rules, keep)
        self._dead: dict[tuple[bytes, bytes], bool] = {}

    def prepare(self, form: str) -> None:
        """Nothing: it is made at once when it is needed."""

    def chunk(self, data: bytes) -> bool:
        """Any chunk may matter."""
        return True

    def lines(self, data: bytes) -> bool:
        """Any lines may matter."""
        return True

    def record(self, text: bytes) -> frozenset[int] | Literal[False] | None:
        """The rules to judge a record by, given its JSON; ``None`` for all, ``False`` when it cannot matter."""
        end = text.find(b',"Version":')
        channel = text.find(b'"Channel":"', end)
        after = text.find(b'"', channel + 11)
        if end < 0 or channel < 0 or not text.startswith(b'","Computer":"', after):
            return None
        key = text[:end], text[channel + 11 : after]
        dead = self._dead.get(key)
        if dead is None:
            dead = self._is_dead(*key)
        return self._others.record(text) if dead else None

    def sift(self, texts: Sequence[bytes]) -> list[frozenset[int] | Literal[False] | None]:
        """The same of many."""
        return [self.record(text) for text in texts]

    def _is_dead(self, head: bytes, channel: bytes) -> bool:
        """Whether no rule but those of any log looks at such records."""
        dead = False
        found = _HEAD.fullmatch(head)
        if found is not None and b"\\" not in channel:
            parts = (part.decode("utf-8", "replace").strip() for part in (channel, *found.groups(b"")))
            log, provider, plain, qualified = parts
            ref = EventRef("", "", log, provider, int(plain or qualified), None, _NO_TIME)
            dead = self._routed.isdisjoint(self._routes.of(ref).places)
        if len(self._dead) >= _MOST_ROUTES:
            self._dead.clear()
        self._dead[head, channel] = dead
        return dead


def sieve(wanted: Wanted, rules: RuleSet, keep: Keep = make_anew) -> Sieve | RoutedSieve:
    """The screen that suits a look."""
    many = wanted.first and len(wanted.rules) > MANY
    return RoutedSieve(wanted, rules, keep) if many else Sieve(wanted, rules.rules, keep)
