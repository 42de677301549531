"""Any report: hypothesis strategies for :class:`Report`, with hostile text in every place a log or a user can fill."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from detector.model.event import EventRef
from detector.model.finding import Finding, RuleRef
from detector.model.incident import Edge, Incident
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.policy import Decision, Verdict
from detector.model.report import Input, Report, Run, Stats
from detector.model.rule import Action, Phase

#: What has been used against terminals, spreadsheets and readers.
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07", "\x9b31m", "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "[red]x[/red]", "[/]",
    "[link=http://evil.example]x[/link]", ":smile:", "\u202egnp.exe", "\u2066x\u2069", "\u200e\u200f\u061c", "a\u200bb\ufeff",
    "line\nnext\r\nlast\rover", "\u2028\u2029\x85", "=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "x;=1",
    "\uff1d1", "\ud800", "\U000e0041", "\x00", "x" * 5000, "\u4e00" * 90, "e\u0301" * 50, '"quoted", and, comma', "%n%s",
    "C:\\Users\\x\\b.exe", "",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(), max_size=12), st.text("abcXYZ019 .\\/-_", max_size=12)
)
some = st.lists(texts, max_size=3).map(tuple)
times = st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
counts = st.integers(0, 2**64)
levels = st.sampled_from(list(Level))

refs = st.builds(
    EventRef, texts, texts, texts, texts, st.integers(0, 65_535), st.none() | st.integers(0, 2**64 - 1), times
)
decisions = st.builds(Decision, st.sampled_from(list(Verdict)), st.none() | texts, texts, some)
findings = st.builds(
    Finding,
    id=texts,
    rule=st.builds(RuleRef, texts, texts, levels),
    tool=st.none() | texts,
    phase=st.none() | st.sampled_from(list(Phase)),
    action=st.none() | st.sampled_from(list(Action)),
    host=texts,
    user=texts,
    time=times,
    refs=st.lists(refs, max_size=2).map(tuple),
    fields=st.dictionaries(st.sampled_from(("CommandLine", "Image", "Data")) | texts, texts, max_size=3),
    asset=st.none() | texts,
    decision=decisions,
    count=st.integers(1, 10**9),
)
edges = st.builds(Edge, texts, texts, texts, texts, times, times, some)
losses = st.builds(Loss, st.sampled_from(list(LossKind)), texts, texts, st.integers(1, 10**9))
inputs = st.builds(Input, texts, texts, counts, texts, counts, st.none() | times, st.none() | times)
runs = st.builds(
    Run, texts, texts, counts, st.none() | texts, st.none() | texts, some, st.none() | times, st.none() | times
)
stats = st.builds(
    Stats, counts, counts, counts, counts, counts,
    st.none() | st.dictionaries(texts, st.floats(0, 1e9), max_size=2),
)  # fmt: skip


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A whole report whose incidents mostly tell of its findings."""
    found = draw(st.lists(findings, max_size=4))
    ids = st.lists(st.sampled_from([one.id for one in found]), max_size=4) if found else st.just([])
    incident = st.builds(
        Incident, texts, levels, texts, texts, times, times, some, some, some, some,
        st.lists(edges, max_size=2).map(tuple), ids.map(tuple), some, some,
    )  # fmt: skip
    return Report(
        draw(runs),
        tuple(draw(st.lists(inputs, max_size=2))),
        tuple(draw(st.lists(incident, max_size=2))),
        tuple(found),
        tuple(draw(st.lists(losses, max_size=3))),
        draw(stats),
    )
