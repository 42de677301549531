"""The screen: the answer first, nothing alive on it, and it fits."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from detector.model.level import Level
from detector.model.policy import Decision, Verdict
from detector.model.report import Report, Stats
from detector.render import write_terminal
from detector.render.plain import LIVE
from tests.render import sample_reports as sample
from tests.render.report_strategies import HOSTILE, reports

SGR = re.compile(r"\x1b\[[0-9;]*m")


def screen(report: Report, width: int = 80, **options: object) -> str:
    """What is printed. ``encoding`` is the terminal's; other options are rich's."""
    encoding = str(options.pop("encoding", "utf-8"))
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    write_terminal(report, Console(file=out, width=width, **options))  # type: ignore[arg-type]  # rich's many options
    out.seek(0)
    return out.read()


def first(report: Report, **options: object) -> str:
    """The first line of a screen wide enough."""
    return screen(report, 200, **options).split("\n")[0]


def test_the_first_line_answers_the_question() -> None:
    """Brief: "first screen answers 'did anybody get at our models?'"."""
    assert first(sample.NIGHT) == "AI asset reached: VAULT1, from DESK-212, with anydesk and rclone (critical)."


def test_several_incidents_name_all_assets_and_the_worst_level() -> None:
    other = replace(sample.INCIDENT, id="i-2", assets=("TORRENS",), level=Level.HIGH)
    no_asset = replace(sample.INCIDENT, id="i-3", assets=(), level=Level.MEDIUM)
    text = screen(replace(sample.NIGHT, incidents=(no_asset, other, sample.INCIDENT)), 200)
    assert text.startswith("AI assets reached: TORRENS and VAULT1. 2 incidents, the worst critical.\n")
    assert "1 more incident in which no AI asset was seen to be reached." in text
    assert text.index("1.  CRITICAL ") < text.index("2.  HIGH ") < text.index("3.  MEDIUM ")


def test_use_outside_policy_without_a_way_to_an_asset() -> None:
    incident = replace(sample.INCIDENT, assets=(), level=Level.MEDIUM)
    report = replace(sample.NIGHT, incidents=(incident,))
    assert first(report) == "Remote-tool use outside policy: 1 incident. No way from there to an AI asset was seen."
    unknown = replace(report, run=replace(report.run, assets=None))
    assert first(unknown).endswith("Whether an AI asset was reached cannot be said without an inventory.")


def test_clean_is_said_precisely() -> None:
    """There are tools that no rule looks for: the answer claims no more than was looked for, in how much."""
    assert (
        first(sample.QUIET)
        == "No remote-tool use outside policy that the 214 rules look for in 510,280 records of 2 files."
    )
    assert first(replace(sample.QUIET, findings=(), run=replace(sample.RUN, policy=None))) == (
        "No remote-tool use that the 214 rules look for in 510,280 records of 2 files."
    )


def test_with_losses_it_is_incomplete_and_never_clean() -> None:
    text = screen(sample.QUIET_INCOMPLETE, 200)
    assert text.startswith(
        "Incomplete: no remote-tool use outside policy that the 214 rules look for in the 510,280 records of 2 files "
        "that could be read."
    )
    assert "40 truncated" in text


@given(reports())
@settings(max_examples=40, deadline=None)
def test_only_a_complete_report_without_open_findings_is_called_clean(report: Report) -> None:
    line = first(replace(report, incidents=()))
    open_ends = [one for one in report.findings if one.decision.verdict is not Verdict.ALLOWED]
    clean = line.startswith("No remote-tool use")
    assert clean == (not report.losses and not open_ends and report.stats.records > 0)
    if report.losses:
        assert "Incomplete" in screen(replace(report, incidents=()), 200)


def test_nothing_read_is_not_clean() -> None:
    assert first(sample.NOTHING_READ) == "Nothing was judged: no record was read."
    assert first(replace(sample.QUIET, stats=Stats())) == "Nothing was judged: no record was read."


def test_what_could_not_be_decided_is_said() -> None:
    text = screen(sample.UNDECIDED_ONLY, 120)
    assert text.startswith(
        "Undecided: no incident in 510,280 records of 2 files, but 1 finding no policy clause covers."
    )
    assert "rclone  on STORE-02: rclone-backup would cover it, but no event shows users" in text


def test_without_inventory_and_policy_it_says_how_to_give_them() -> None:
    text = screen(sample.NOTHING_GIVEN, 200)
    assert (
        "No inventory was given: whether an AI asset was reached is not judged. Give one with --assets assets.yml."
        in text
    )
    assert "No policy was given: sanctioned use cannot be told from abuse. Give one with --policy policy.yml." in text


def test_an_incident_tells_who_where_what_why_and_what_next() -> None:
    text = screen(sample.NIGHT, 120)
    parts = [
        "From      DESK-212", "With      anydesk and rclone", "As        NORTHLAB\\m.okafor\n", "To        VAULT1",
        "2025-10-14 22:41:07 to 2025-10-16 02:01:07 UTC", "i-8f21c04d77ab", "DESK-212 → VAULT1    rdp as m.okafor",
        "What was done: times are UTC", "2025-10-14\n", "22:42:31  DESK-212  AnyDesk installed silently",
        "… 3 more findings", "Why critical", "model files or data sets were read there", "Check next", "1.  Ask the people",
        "Allowed by policy: 13 uses", "sc-desk", "12x  on FRONT-01 and FRONT-02", "Not decided", "Not seen", "wevtutil epl",
        "2 damaged",
    ]  # fmt: skip
    place = 0
    for part in parts:
        assert part in text[place:], part
        place = text.index(part, place)


def test_a_timeline_has_twelve_lines_and_the_telling_ones() -> None:
    many = tuple(replace(sample.FINDINGS[4], id=f"f-{n}", time=sample.START.replace(minute=n % 60)) for n in range(300))
    incident = replace(sample.INCIDENT, findings=tuple(one.id for one in (*sample.FINDINGS, *many)))
    text = screen(replace(sample.NIGHT, incidents=(incident,), findings=(*sample.FINDINGS, *many)), 120)
    assert len(re.findall(r"^   \d\d:\d\d:\d\d  ", text, re.MULTILINE)) == 12
    assert "… 303 more findings" in text
    assert "Files of a share read" in text
    assert "rclone copies to a cloud remote → VAULT1" in text


def test_many_incidents_stay_readable() -> None:
    incidents = tuple(replace(sample.INCIDENT, id=f"i-{n}", findings=()) for n in range(60))
    text = screen(replace(sample.NIGHT, incidents=incidents))
    assert "Incidents: the first 5 in full below" in text
    assert "… 48 more incidents" in text
    assert text.count("\n") < 300


def test_incidents_for_information_are_one_line_each() -> None:
    text = screen(replace(sample.QUIET, incidents=(replace(sample.INCIDENT, level=Level.INFORMATIONAL),)))
    assert text.startswith("No remote-tool use outside policy")
    assert "1.  informational  AnyDesk and rclone on DESK-212 reached VAULT1" in text
    assert "Check next" not in text


@given(reports(), st.integers(60, 200), st.sampled_from(("utf-8", "ascii", "cp1252", "cp437")))
@settings(max_examples=80, deadline=None)
def test_nothing_on_the_screen_is_alive_and_it_fits(report: Report, width: int, encoding: str) -> None:
    """Brief: "never come through alive in terminal output"; "widths from 60 to 200 columns fine"."""
    text = screen(report, width, encoding=encoding)
    assert not LIVE.search(text.replace("\n", ""))
    assert max(map(cell_len, text.split("\n"))) <= width
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    coloured = screen(report, width, encoding=encoding, force_terminal=True, color_system="truecolor")
    assert not LIVE.search(SGR.sub("", coloured).replace("\n", ""))


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_markup_emoji_codes_and_escapes_are_only_text(hostile: str) -> None:
    decision = Decision(Verdict.ALLOWED, hostile, hostile)
    finding = replace(sample.ALLOWED[0], host=hostile, tool=hostile, decision=decision)
    incident = replace(sample.INCIDENT, title=hostile, reasons=(hostile,), origins=(hostile,))
    text = screen(replace(sample.NIGHT, findings=(finding,), incidents=(incident,)), 200)
    assert not LIVE.search(text.replace("\n", ""))
    for markup in ("[red]x[/red]", ":smile:", "[/]", "[link=http://evil.example]x[/link]"):
        if hostile == markup:
            assert text.count(markup) >= 4


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in screen(sample.NIGHT)
    assert "\x1b[1;31m" in screen(sample.NIGHT, force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert ";31m" not in screen(sample.NIGHT, force_terminal=True, color_system="standard")


def test_plain_ascii_where_the_terminal_has_no_more() -> None:
    text = screen(sample.NIGHT, encoding="ascii")
    assert "DESK-212 -> VAULT1" in text
    assert "... 3 more findings" in text
    assert "-" * 80 in text
