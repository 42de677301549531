"""What a report comes down to, in words: the one-line answer, what could not be judged, and what to do about losses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from detector.model.finding import Finding
from detector.model.incident import Incident
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.policy import Verdict
from detector.model.report import Report


class Tone(Enum):
    """How an answer is to be taken."""

    REACHED = "reached"  # an AI asset was reached
    OUTSIDE = "outside"  # a tool was used outside policy, no asset was seen to be reached
    OPEN = "open"  # nothing raised, but not everything could be seen or decided
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Answer:
    """``line`` answers "did anybody get at our models?"; ``notes`` say what limits the answer."""

    tone: Tone
    line: str
    notes: tuple[str, ...]


def answer(report: Report) -> Answer:
    """The answer of a report. Never "clean" with a loss, an open decision, or nothing read."""
    raised = [one for one in report.incidents if one.level > Level.INFORMATIONAL]
    reaching = [one for one in raised if one.assets]
    if reaching:
        return Answer(Tone.REACHED, _reached(reaching), _notes(report, *_others(len(raised) - len(reaching))))
    if raised:
        what = "outside policy" if report.run.policy else "found"
        line = f"Remote-tool use {what}: {counted(len(raised), 'incident')}. {_no_asset(report)}"
        return Answer(Tone.OUTSIDE, line, _notes(report))
    return _nothing_raised(report)


def _reached(incidents: Sequence[Incident]) -> str:
    assets = sorted({asset for one in incidents for asset in one.assets})
    line = f"AI {'asset' if len(assets) == 1 else 'assets'} reached: {listed(assets)}"
    worst = max(one.level for one in incidents).word
    if len(incidents) > 1:
        return f"{line}. {counted(len(incidents), 'incident')}, the worst {worst}."
    origins, tools = listed(incidents[0].origins), listed(incidents[0].tools)
    return f"{line}{origins and f', from {origins}'}{tools and f', with {tools}'} ({worst})."


def _others(number: int) -> list[str]:
    return [f"{counted(number, 'more incident')} in which no AI asset was seen to be reached."] if number else []


def _no_asset(report: Report) -> str:
    if report.run.assets:
        return "No way from there to an AI asset was seen."
    return "Whether an AI asset was reached cannot be said without an inventory."


def _nothing_raised(report: Report) -> Answer:
    seen = f"{counted(report.stats.records, 'record')} of {counted(files_read(report), 'file')}"
    left_open = len(undecided(report))
    if report.stats.records == 0:
        return Answer(Tone.OPEN, "Nothing was judged: no record was read.", _notes(report))
    if left_open:
        line = f"Undecided: no incident in {seen}, but {counted(left_open, 'finding')} no policy clause covers."
        return Answer(Tone.OPEN, line, _notes(report))
    what = "remote-tool use outside policy" if report.run.policy else "remote-tool use"
    what += f" that the {counted(report.run.rule_count, 'rule')} look for"  # there are tools that none looks for
    if not report.complete:
        line = f"Incomplete: no {what} in the {seen} that could be read."
        return Answer(Tone.OPEN, line, _notes(report))
    return Answer(Tone.CLEAN, f"No {what} in {seen}.", _notes(report))


def _notes(report: Report, *first: str) -> tuple[str, ...]:
    notes = list(first)
    if not report.complete:
        kinds = ", ".join(one.counted for one in missing(report.losses))
        notes.append(f"Incomplete, there may be more. Not seen, with details at the end: {kinds}.")
    if not report.run.assets:
        notes.append(
            f"No inventory was given: whether an AI asset was reached is not judged. {_GIVE} --assets assets.yml."
        )
    if not report.run.policy:
        notes.append(f"No policy was given: sanctioned use cannot be told from abuse. {_GIVE} --policy policy.yml.")
    return tuple(notes)


_GIVE = "Give one with"


def files_read(report: Report) -> int:
    """How many inputs are logs that were read."""
    return sum(1 for one in report.inputs if one.kind not in ("", "ignored"))


def undecided(report: Report) -> list[Finding]:
    """Findings that no clause allows and no incident tells."""
    told = {finding for one in report.incidents for finding in one.findings}
    return [one for one in report.findings if one.decision.verdict is not Verdict.ALLOWED and one.id not in told]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one clause of the policy covered, for one tool (or way to a machine)."""

    clause: str
    tool: str
    hosts: tuple[str, ...]
    count: int


def allowed(report: Report) -> list[Allowed]:
    """Allowed use by clause and tool."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in report.findings:
        if one.decision.verdict is Verdict.ALLOWED:
            groups[one.decision.policy or "-", one.tool or one.rule.title].append(one)
    return [
        Allowed(clause, tool, tuple(sorted({one.host for one in found})), sum(one.count for one in found))
        for (clause, tool), found in sorted(groups.items())
    ]


@dataclass(frozen=True, slots=True)
class Missing:
    """Losses of one kind: how many, ``places`` as examples by reason, and what to do."""

    kind: LossKind
    count: int
    places: tuple[tuple[str, tuple[str, ...]], ...]
    advice: str

    @property
    def counted(self) -> str:
        """How much it is: of rules that lack a field, how many rules, not how many events."""
        if self.kind is not LossKind.NOT_EVALUABLE:
            return f"{self.count:,} {self.kind.value}"
        rules = {place for _, places in self.places for place in places}
        return f"{counted(len(rules), 'rule')} without the fields they need"

    def lines(self, most: int) -> list[str]:
        """A line for each of the first reasons, with the places it holds for."""
        if self.kind is LossKind.NOT_EVALUABLE:
            return [f"{why}: {counted(len(places), 'rule')} not judged there" for why, places in self.places[:most]]
        return [f"{why}: {listed(places, most)}" for why, places in self.places[:most]]


def missing(losses: Iterable[Loss]) -> list[Missing]:
    """Losses by kind, and within a kind by reason, the most frequent first."""
    kinds: dict[LossKind, dict[str, list[Loss]]] = defaultdict(lambda: defaultdict(list))
    for one in losses:
        kinds[one.kind][one.why].append(one)
    return [
        Missing(
            kind,
            sum(one.count for found in reasons.values() for one in found),
            tuple(
                (why, tuple(sorted({one.where for one in found})))
                for why, found in sorted(
                    reasons.items(), key=lambda item: (-sum(one.count for one in item[1]), item[0])
                )
            ),
            _ADVICE[kind],
        )
        for kind, reasons in sorted(kinds.items(), key=lambda item: list(LossKind).index(item[0]))
    ]


_ADVICE = {
    LossKind.UNREADABLE: "Check permissions and locks, then scan again.",
    LossKind.NOT_A_LOG: "If it should be a log, export it again as EVTX or as JSON lines.",
    LossKind.EMPTY: "Ask why: an export that failed, or a log that was cleared.",
    LossKind.TRUNCATED: "Export it again (wevtutil epl); a copy of a file in use is cut short.",
    LossKind.DAMAGED: "Take another copy, from the machine, a backup or the collector; what is damaged here may tell more.",
    LossKind.UNPARSED: "Look at these records by hand.",
    LossKind.RULE: "Mend the rule or leave it out, then scan again.",
    LossKind.NOT_EVALUABLE: "These logs lack the fields; look for a richer source (Sysmon, command lines in event 4688).",
    LossKind.TIMEOUT: "Look at these events by hand.",
    LossKind.LIMIT: "Scan a smaller part: fewer files, or a window of time.",
    LossKind.INTERRUPTED: "Scan again and let it finish.",
    LossKind.WORKER: "Scan again with --jobs 1; if it happens again, report it with the file's name.",
}


def telling(incident: Incident, findings: Sequence[Finding], most: int) -> list[Finding]:
    """The findings that tell an incident, in time order: what touches an asset, each step's first, the gravest."""
    ordered = sorted(findings, key=lambda one: (one.time, one.id))
    first: set[tuple[object, ...]] = set()
    ranked = []
    for one in ordered:
        step = (one.phase, one.host, one.asset)
        ranked.append((step in first, one.asset not in incident.assets, -one.rule.level, one.time, one.id, one))
        first.add(step)
    ranked.sort(key=lambda item: item[:5])
    return sorted((item[5] for item in ranked[:most]), key=lambda one: (one.time, one.id))


def account(user: str) -> str:
    """The account without domain, lower case."""
    return user.rsplit("\\", 1)[-1].lower()


def listed(words: Sequence[str], most: int = 4) -> str:
    """``a, b and c``; of many the first ones."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most:,} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def counted(number: int, word: str) -> str:
    """``1 file``, ``2,300 files``."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
