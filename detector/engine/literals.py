"""What must stand in a record's text for a rule to be true of it.

From a predicate come *groups* of literals: of every group at least one literal stands in the record, wherever the predicate
holds. They are read off what the predicate cannot do without (through ``and``, ``or``, ``not``); what asks for absence, for a
number or for a value that normalisation makes gives none. An empty answer means: nothing is known, look at every record.

A literal is printable ASCII in lower case, where a tab stands for white space, any amount of it. How a source spells it
(``<`` is ``\\u003c`` for some) is for who searches to know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from detector.engine.logsource import sources
from detector.engine.patterns import BLANKS, Alternatives, needed_text
from detector.engine.rarity import rare_part
from detector.model.predicate import AllOf, AnyOf, FieldTest, KeywordTest, Like, Not, Predicate, Regex, Test, Wildcard
from detector.model.rule import Rule

#: The literals of a text that is looked for.
_Told = Callable[[str], list[str]]

#: At least one of these stands in the record.
Group = frozenset[str]

#: Control characters and everything beyond ASCII end a literal.
_RUN = re.compile(rf"[ -~{BLANKS}]+")
#: What EVTX keeps in binary and a parser prints: numbers, GUIDs, SIDs, times, truth values. No text of these is searched for.
_PRINTED = re.compile(r"[0-9a-fxstz{}\-:.+ ,]*")
_WORDS = "true false"
#: Letters for which others may stand that are not ASCII, where beside them is only what may not be ASCII either, or an
#: exclamation mark: there a search does not notice those others.
_LONE = re.compile(rf"(?:^|(?<={BLANKS}))[ksi](?={BLANKS}|$)|^[ksi](?=!)")
#: Fields that Windows and Sysmon log as text, never as a number: of these any text is searched for.
_TEXTS = frozenset(
    "CommandLine ParentCommandLine ScriptBlockText Payload ContextInfo HostApplication Image ParentImage OriginalFileName "
    "TargetFilename TargetObject Details ImagePath ServiceFileName ServiceName TaskContent QueryName".split()
)
#: Shorter ones stand everywhere.
SHORTEST = 3
_MOST_SPELT = 200
_MOST_COMPARED = 50
#: More groups of alternatives hardly tell more.
_MOST_GROUPS = 4


#: What of a text that is looked for in a field stands in the record whenever the field (empty: any) has it: field, text.
Standing = Callable[[str, str], list[str]]


def groups(rule: Rule, standing: Standing) -> tuple[Group, ...]:
    """The groups of a rule, the rarest first; last the names of its log, which stand in all that log's records."""
    own = sorted(_needed(rule.predicate, True, standing), key=rarity, reverse=True)
    return (*own, *_of_log(rule))


def _of_log(rule: Rule) -> list[Group]:
    """The names of the logs it looks at: a record is known by its channel's or its provider's name."""
    logs = [source.log for source in sources(rule.logsource)]
    names = [name for log in logs if log is not None for name in (*log.channels, *log.providers)]
    told = [max(runs(name), key=len, default="") for name in names]
    return [frozenset(told)] if told and all(told) and None not in logs else []


def _needed(predicate: Predicate, wanted: bool, standing: Standing) -> list[Group]:
    """The groups without which the predicate is not ``wanted`` (true, or with ``False`` false)."""
    match predicate:
        case Not(part):
            return _needed(part, not wanted, standing)
        case AllOf(parts) | AnyOf(parts):
            each = [_needed(part, wanted, standing) for part in parts]
            return _every(each) if isinstance(predicate, AllOf) is wanted else _either(each)
        case FieldTest(name, test) if wanted:
            return _of_test(test, partial(_runs_of, name, standing))
        case KeywordTest(test) if wanted:
            return _of_test(test, partial(_runs_of, "", standing))
        case _:
            return []


def _runs_of(name: str, standing: Standing, text: str) -> list[str]:
    """The literals of a text that is looked for in a field."""
    return [run for part in standing(name, text) for run in runs(part, printed=name not in _TEXTS)]


def _every(each: Iterable[list[Group]]) -> list[Group]:
    return list(dict.fromkeys(group for found in each for group in found))


def _either(each: Sequence[list[Group]]) -> list[Group]:
    """One of them holds, so of the best group of each some literal stands there, of the second best of each, and so on (what
    all of them ask for, a tool's name beside something rarer, is then in one group); unless one of them needs none.
    """
    if not each or not all(each):
        return []
    if len(each) == 1:
        return each[0]
    ranked = [sorted(found, key=rarity, reverse=True) for found in each]
    ranks = range(min(_MOST_GROUPS, max(map(len, ranked))))
    return _every([_shortest(found[min(rank, len(found) - 1)] for found in ranked)] for rank in ranks)


def _shortest(groups: Iterable[Group]) -> Group:
    """All of their literals, without those in which another one stands."""
    whole = frozenset[str]().union(*groups)
    if len(whole) > _MOST_COMPARED:
        return whole
    return frozenset(one for one in whole if not any(other in one for other in whole if other is not one))


def _of_test(test: Test, told: _Told) -> list[Group]:
    match test:
        case Like(parts):
            return _every(_of_text(part, told) for part in parts if not isinstance(part, Wildcard))
        case Regex(pattern, flags):
            needed = needed_text(pattern, flags)
            return _of_pattern(needed, told) if needed is not None else []
        case _:
            return []


def _of_pattern(needed: Alternatives, told: _Told) -> list[Group]:
    return _either([_every(_of_sequence(sequence, told)) for sequence in needed.sequences])


def _of_sequence(sequence: Sequence[str | Alternatives | None], told: _Told) -> Iterator[list[Group]]:
    """Texts, and alternatives of texts, that stand side by side are one text, or one of a few."""
    spelt = [""]
    for item in (*sequence, None):
        texts = _texts(item)
        if texts and len(spelt) * len(texts) <= _MOST_SPELT:
            spelt = [before + text for before in spelt for text in texts]
            continue
        starts = _starts(item)
        if starts and len(spelt) * len(starts) <= _MOST_SPELT:
            spelt = [before + start for before in spelt for start in starts]
        yield _either([_of_text(text, told) for text in spelt])
        spelt = texts or [""]
        if isinstance(item, Alternatives) and not texts:
            yield _of_pattern(item, told)


def _texts(item: str | Alternatives | None) -> list[str]:
    """The texts of which it is one, when it is nothing else."""
    if item is None:
        return []
    if isinstance(item, str):
        return [item]
    single = [sequence[0] for sequence in item.sequences if len(sequence) == 1]
    texts = [one for one in single if isinstance(one, str)]
    return texts if len(texts) == len(item.sequences) <= _MOST_SPELT else []


def _starts(item: str | Alternatives | None) -> list[str]:
    """The texts with one of which it begins, when it begins with a text whatever it is."""
    first = [sequence[0] if sequence else None for sequence in item.sequences] if isinstance(item, Alternatives) else []
    starts = [one for one in first if isinstance(one, str)]
    return starts if len(starts) == len(first) else []


def _of_text(text: str, told: _Told) -> list[Group]:
    return [frozenset((run,)) for run in told(text)]


def runs(text: str, *, printed: bool = True) -> list[str]:
    """The literals of a text that stands in the record whole; ``printed``: as text, or as a value printed from binary."""
    found = (part for run in _RUN.findall(text) for part in _LONE.split(run.lower()))
    return [run for run in found if len(run) >= SHORTEST and not (printed and _is_printed(run))]


def _is_printed(run: str) -> bool:
    return _PRINTED.fullmatch(run) is not None or run in _WORDS


#: By how many characters are left of a literal without them.
_BY_LENGTH = (100_000.0, 3000.0, 1000.0, 300.0, 30.0, 10.0)
_LONG = 3.0


def rarity(group: AbstractSet[str]) -> float:
    """How much a group is worth: the more, the fewer records are likely to have any of its literals."""
    return -sum(map(_commonness, group))


def _commonness(literal: str) -> float:
    left = rare_part(literal)
    return _BY_LENGTH[left] if left < len(_BY_LENGTH) else _LONG
