"""``group:x`` -> its members; groups may name groups."""

from __future__ import annotations

from collections.abc import Mapping

from detector.config import words
from detector.config.entry import Entry, WrongError, name

_PREFIX = "group:"
_DEEPEST = 50


class Groups:
    """Named lists. Of two groups with one name, the one of ``first`` is meant."""

    def __init__(self, first: Mapping[str, tuple[str, ...]], second: Mapping[str, tuple[str, ...]]) -> None:
        self._members = {**second, **first}
        self._expanded: dict[str, tuple[str, ...]] = {}

    def expand(self, text: str) -> tuple[str, ...]:
        """A name as it is, a ``group:x`` as its members without doubles. Raises :class:`WrongError`."""
        word = name(text)
        return self._of(word, ()) if word.lower().startswith(_PREFIX) else (word,)

    def _of(self, word: str, road: tuple[str, ...]) -> tuple[str, ...]:
        group = word[len(_PREFIX) :].strip()
        if group not in self._members:
            raise WrongError(f"unknown group {group!r}", words.hint(group, self._members))
        if group in road:
            raise WrongError(f"the group contains itself: {' > '.join((*road, group))}", "remove one of these")
        if len(road) > _DEEPEST:
            raise WrongError(f"groups are nested more than {_DEEPEST} deep")
        if group not in self._expanded:
            found: dict[str, None] = {}
            for member in self._members[group]:
                inner = self._of(member, (*road, group)) if member.lower().startswith(_PREFIX) else (member,)
                found.update(dict.fromkeys(inner))
            self._expanded[group] = tuple(found)
        return self._expanded[group]


def members_of(entry: Entry) -> dict[str, tuple[str, ...]]:
    """The groups of one mapping as written, ``group -> members``."""
    return {key: entry.each(key, name) for key in entry}


def expanded(entry: Entry, groups: Groups) -> dict[str, tuple[str, ...]]:
    """The groups of one mapping with all their members; one that cannot be expanded is noted and stays as it is."""
    found = {}
    for key, members in members_of(entry).items():
        try:
            found[key] = groups.expand(_PREFIX + key)
        except WrongError as error:
            entry.wrong(key, error.message, error.hint)
            found[key] = members
    return found
