"""What a tag of MITRE ATT&CK names: the list beside this file, of version 19 for Enterprise. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from detector.errors import Problem, RuleError

LIST = Path(__file__).with_name("attack.tsv")
_NAMESPACE = "attack."


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique or sub-technique: its number (``T1219.002``), its name, its tactics as tags write them (``stealth``)."""

    id: str
    name: str
    tactics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Attack:
    """The names of tactics by their words in tags (``command-and-control``), techniques by theirs (``t1219.002``)."""

    tactics: Mapping[str, str]
    techniques: Mapping[str, Technique]

    def unknown_tags(self, tags: Iterable[str]) -> list[str]:
        """Tags that name no tactic and no technique, in their order. Other namespaces are no tags of ATT&CK and left out.

        Groups, software and campaigns (``attack.g0016``) are not in the list, so they are told too.
        """
        words = ((tag, _word(tag)) for tag in tags)
        return [tag for tag, word in words if word and word not in self.tactics and word not in self.techniques]

    def strays(self, tags: Iterable[str]) -> list[str]:
        """Tags of techniques that belong to none of the tactics tagged beside them, in their order."""
        told = [(tag, _word(tag)) for tag in tags]
        beside = {word for _, word in told if word in self.tactics}
        known = ((tag, self.techniques[word]) for tag, word in told if word in self.techniques)
        return [tag for tag, technique in known if not technique.tactics & beside]

    def name(self, tag: str) -> str:
        """What a tag's tactic or technique is called; empty for one that is not in the list."""
        word = _word(tag)
        technique = self.techniques.get(word)
        return technique.name if technique else self.tactics.get(word, "")


@cache
def load_attack() -> Attack:
    """The list that ships with the program. Raises :class:`RuleError` when it is damaged or cannot be read."""
    try:
        return parse_attack(LIST.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError([Problem(str(LIST), 0, 0, "", f"the list of ATT&CK cannot be read: {error}")]) from error


def parse_attack(text: str) -> Attack:
    """The list that text describes: number, name and tactics between tabs, ``#`` before a remark.

    Raises :class:`ValueError` for a line of another form, a number that stands twice, a tactic that is not listed.
    """
    tactics: dict[str, str] = {}
    techniques: dict[str, Technique] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3 or not all(columns):
            raise ValueError(f"line {number}: not three columns")
        key, name, words = columns
        home, word = (tactics, words) if key.startswith("TA") else (techniques, key.lower())
        if word in home:
            raise ValueError(f"line {number}: {word} stands twice")
        if home is tactics:
            tactics[word] = name
        else:
            techniques[word] = Technique(key, name, frozenset(words.split()))
    for technique in techniques.values():
        if odd := technique.tactics - tactics.keys():
            raise ValueError(f"{technique.id}: no tactic {', '.join(sorted(odd))}")
    return Attack(tactics, techniques)


def _word(tag: str) -> str:
    """What stands after the namespace; empty for a tag of another."""
    return tag.lower().removeprefix(_NAMESPACE) if tag.lower().startswith(_NAMESPACE) else ""
