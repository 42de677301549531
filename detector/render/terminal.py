"""The report on a screen, for whoever is called at night: the answer first, then each incident, then the rest, short."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.text import Text

from detector.model.finding import Finding
from detector.model.incident import Edge, Incident
from detector.model.level import Level
from detector.model.report import Report, Run
from detector.render import answer
from detector.render.answer import Tone, counted, listed
from detector.render.document import in_order
from detector.render.screen import Screen

_MOST_INCIDENTS = 5
_MOST_LINES = 12
_MOST_EDGES = 8
_MOST_ROWS = 12
_MOST_PLACES = 3

_TONES = {Tone.REACHED: "bold red", Tone.OUTSIDE: "bold yellow", Tone.OPEN: "bold yellow", Tone.CLEAN: "bold green"}
_LEVELS = {
    Level.CRITICAL: "bold white on red",
    Level.HIGH: "bold red",
    Level.MEDIUM: "bold yellow",
    Level.LOW: "cyan",
    Level.INFORMATIONAL: "dim",
}

#: The fields that say most of an event, in this order; those of one line are shown together.
_DETAILS = (
    ("CommandLine",),
    ("ScriptBlockText",),
    ("ShareName", "RelativeTargetName", "IpAddress"),
    ("ImagePath",),
    ("ServiceFileName",),
    ("TargetFilename",),
    ("QueryName",),
    ("DestinationHostname", "DestinationPort"),
    ("DestinationIp", "DestinationPort"),
    ("TargetUserName", "IpAddress", "WorkstationName"),
    ("Value",),
    ("Param1", "Param3"),
    ("Address",),
    ("Data",),
    ("PipeName",),
    ("TargetObject",),
    ("Image",),
)


def write_terminal(report: Report, console: Console) -> None:
    """Print the report. Plain ASCII where the console's encoding has no more; no colour where rich sees none wanted."""
    screen = Screen(console)
    _head(report, screen)
    by_id = {one.id: one for one in report.findings}
    incidents = in_order(report.incidents)
    whole = [one for one in incidents if one.level > Level.INFORMATIONAL][:_MOST_INCIDENTS]
    _overview(incidents, len(whole), screen)
    for number, incident in enumerate(whole, 1):
        found = [by_id[one] for one in incident.findings if one in by_id]
        _incident(number, incident, found, screen)
    _allowed(report, screen)
    _undecided(report, screen)
    _missing(report, screen)


def _head(report: Report, screen: Screen) -> None:
    told = answer.answer(report)
    screen.line(screen.text(told.line, _TONES[told.tone]))
    for note in told.notes:
        screen.line(screen.text(note, "yellow" if note.startswith(("Incomplete", "No ")) else ""))
    times = [time for one in report.inputs for time in (one.first_seen, one.last_seen) if time is not None]
    read = f"Read: {counted(report.stats.records, 'record')} of {counted(answer.files_read(report), 'file')}"
    span = f", {min(times):%Y-%m-%d %H:%M} to {max(times):%Y-%m-%d %H:%M}" if times else ""
    rules = counted(report.run.rule_count, "rule")
    screen.line(screen.text(f"{read}{span}; {rules}{_window(report.run)}. All times are UTC.", "dim"))


def _window(run: Run) -> str:
    """What the user left out by choice."""
    since = f" since {run.since:%Y-%m-%d %H:%M:%S}" if run.since else ""
    until = f" until {run.until:%Y-%m-%d %H:%M:%S}" if run.until else ""
    return f"; only events{since}{until}" if since or until else ""


def _overview(incidents: list[Incident], whole: int, screen: Screen) -> None:
    """One line for each, where there are several or some are not told below."""
    if len(incidents) <= 1 and whole == len(incidents):
        return
    screen.heading("Incidents", f"the first {whole} in full below" if 0 < whole < len(incidents) else "")
    rows = [
        [screen.text(f"{number}."), screen.text(one.level.word, _LEVELS[one.level]), screen.text(one.title)]
        for number, one in enumerate(incidents[:_MOST_ROWS], 1)
    ]
    screen.table(rows, indent=3)
    _more(len(incidents) - _MOST_ROWS, "incident", screen)


def _incident(number: int, incident: Incident, findings: list[Finding], screen: Screen) -> None:
    screen.gap()
    screen.rule()
    level = screen.text(f" {incident.level.word.upper()} ", _LEVELS[incident.level])
    screen.line(f"{number}. ", level, " ", screen.text(incident.title, "bold"))
    facts = [
        ("From", listed(incident.origins)),
        ("With", listed(incident.tools)),
        ("As", listed(incident.users)),
        ("To", listed(incident.assets) or "no AI asset was seen to be reached"),
        ("When", _span(incident.first_seen, incident.last_seen)),
        ("Incident", incident.id),
    ]
    screen.table([[screen.text(label, "dim"), screen.text(value)] for label, value in facts if value], indent=3)
    _road(incident.edges, screen)
    _timeline(incident, findings, screen)
    _points(f"Why {incident.level.word}", ["-"] * len(incident.reasons), incident.reasons, screen)
    numbers = [f"{number}." for number in range(1, len(incident.checks) + 1)]
    _points("Check next", numbers, incident.checks, screen)


def _road(edges: Sequence[Edge], screen: Screen) -> None:
    if not edges:
        return
    screen.heading("The road")
    rows = [
        [
            screen.text(f"{edge.first_seen:%m-%d %H:%M:%S}", "dim"),
            screen.text(f"{edge.origin} → {edge.target}"),
            screen.text(f"{edge.via}{f' as {edge.user}' if edge.user else ''}"),
        ]
        for edge in edges[:_MOST_EDGES]
    ]
    screen.table(rows, indent=3)
    _more(len(edges) - _MOST_EDGES, "step", screen)


def _timeline(incident: Incident, findings: list[Finding], screen: Screen) -> None:
    if not findings:
        return
    screen.heading("What was done", "times are UTC")
    told = answer.telling(incident, findings, _MOST_LINES)
    hosts = max(len(one.host) for one in told)
    column = 3 + 8 + 2 + min(hosts, max(screen.console.width // 3, 8)) + 2
    day, user = None, ""
    one_account = len({answer.account(user) for user in incident.users}) == 1
    rows: list[list[Text]] = []
    for one in told:
        if one.time.date() != day:
            screen.table(rows, indent=3)
            rows, day = [], one.time.date()
            screen.line(screen.text(f"{day:%Y-%m-%d}", "dim"), indent=3)
        as_user = "" if one_account or one.user == user else one.user
        user = one.user
        what = _what(one, as_user, screen, max(screen.console.width - column, 10))
        rows.append([screen.text(f"{one.time:%H:%M:%S}", "dim"), screen.text(one.host.ljust(hosts)), what])
    screen.table(rows, indent=3)
    _more(len(findings) - len(told), "finding", screen)


def _what(finding: Finding, user: str, screen: Screen, width: int) -> Text:
    """One finding: what it is, as whom, how often, which asset; below it the value that says most."""
    told = screen.text(finding.rule.title)
    if finding.asset:
        told.append_text(screen.text(f" → {finding.asset}", "bold"))
    if user:
        told.append_text(screen.text(f" as {user}"))
    if finding.count > 1:
        told.append_text(screen.text(f", {finding.count:,} times", "dim"))
    detail = _detail(finding)
    if detail:
        told.append_text(Text("\n" + screen.cut(detail, width), "dim"))
    return told


def _detail(finding: Finding) -> str:
    for names in _DETAILS:
        values = [finding.fields[name] for name in names if finding.fields.get(name)]
        if values:
            return " ".join(values)
    return next((f"{name}: {value}" for name, value in finding.fields.items()), "")


def _points(title: str, marks: Sequence[str], points: Sequence[str], screen: Screen) -> None:
    if points:
        screen.heading(title)
        rows = [[screen.text(mark, "dim"), screen.text(point)] for mark, point in zip(marks, points, strict=True)]
        screen.table(rows, indent=3)


def _allowed(report: Report, screen: Screen) -> None:
    rows = answer.allowed(report)
    if not rows:
        return
    screen.heading("Allowed by policy", counted(sum(row.count for row in rows), "use"))
    screen.table(
        [
            [
                screen.text(row.clause),
                screen.text(row.tool),
                screen.text(f"{row.count:,}x"),
                screen.text(f"on {listed(row.hosts, 3)}"),
            ]
            for row in rows[:_MOST_ROWS]
        ],
        indent=3,
    )
    _more(len(rows) - _MOST_ROWS, "clause", screen)


def _undecided(report: Report, screen: Screen) -> None:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in answer.undecided(report):
        groups.setdefault((one.tool or one.rule.title, one.decision.because), []).append(one)
    if not groups:
        return
    screen.heading("Not decided", "no clause covers these, and alone they raise no incident")
    rows = [
        [screen.text(what), screen.text(f"on {listed(sorted({one.host for one in found}), 3)}: {because}")]
        for (what, because), found in sorted(groups.items())
    ]
    screen.table(rows[:_MOST_ROWS], indent=3)
    _more(len(rows) - _MOST_ROWS, "line", screen)


def _missing(report: Report, screen: Screen) -> None:
    if report.complete:
        return
    screen.heading("Not seen", "what could not be read or judged, and what to do")
    for one in answer.missing(report.losses):
        screen.line(screen.text(one.counted, "yellow"), indent=3)
        rows = [("-", line) for line in one.lines(_MOST_PLACES)]
        if len(one.places) > _MOST_PLACES:
            rows.append(("-", f"{counted(len(one.places) - _MOST_PLACES, 'other reason')}"))
        rows.append(("→", one.advice))
        screen.table([[screen.text(mark, "dim"), screen.text(text)] for mark, text in rows], indent=5)


def _more(number: int, word: str, screen: Screen) -> None:
    if number > 0:
        screen.line(screen.text(f"… {counted(number, f'more {word}')} (all of them: -o report.json)", "dim"), indent=3)


def _span(first: datetime, last: datetime) -> str:
    end = f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%S}"
    return f"{first:%Y-%m-%d %H:%M:%S} to {end} UTC, {_long(last - first)}"


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
