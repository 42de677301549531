"""Issue: "The same under transformations, as property tests": what the answer may not hang on is changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.app.scan import Request, scan
from detector.model.level import Level
from detector.model.report import Report
from detector.rules import load_catalogue
from detector.synth import Options, Scenario, load_scenario, render
from tests.scenarios import changing
from tests.scenarios.changing import company
from tests.scenarios.scoring import Setting, malicious_faults, scenario_files
from tests.scenarios.test_held_out import COMPANIES, HELD_OUT, INTRUSIONS

SHARED = [("shared", f"D{number:02}") for number in range(1, 9)]
ALL = [*SHARED, *INTRUSIONS]
SHIFTS = (timedelta(hours=11), timedelta(days=9))
#: Tools of other makers, with a service or without, that no company's policy is about.
OTHERS = ("supremo", "netsupport", "remote-utilities")

every = pytest.mark.parametrize(("of", "name"), ALL, ids=str)


def path_of(of: str, name: str, shared: Path) -> Path:
    return (shared / "scenarios" if of == "shared" else HELD_OUT / of) / f"{name}.yml"


def report_of(scenario: Scenario, setting: Setting, work: Path, options: Options | None = None) -> Report:
    render(scenario, "evtx", work, options=options)
    return scan(Request((str(work),), setting.assets, setting.policy, jobs=1))


def faults(scenario: Scenario, setting: Setting, work: Path, options: Options | None = None) -> list[str]:
    return malicious_faults(scenario, report_of(scenario, setting, work, options), {}, ())


def told(report: Report, earlier: timedelta = timedelta()) -> list[tuple[object, ...]]:
    """What a report says, so much earlier."""
    return [
        (one.level, one.title, one.origins, one.assets, one.tools, one.users, one.first_seen - earlier,
         one.last_seen - earlier, len(one.findings), [(e.origin, e.target, e.via, e.user) for e in one.edges])
        for one in report.incidents
    ]  # fmt: skip


@every
@pytest.mark.parametrize("by", SHIFTS, ids=str)
def test_at_another_time_it_is_the_same_story(of: str, name: str, by: timedelta, shared: Path, tmp_path: Path) -> None:
    """Issue: "all times shifted by eleven hours or nine days (policy hours decide, nothing else)"."""
    path = path_of(of, name, shared)
    scenario = load_scenario(path)
    timeless = changing.without_clocks(company(path), tmp_path / "setting")
    then = told(report_of(scenario, timeless, tmp_path / "then"))
    later = told(report_of(changing.shifted(scenario, by), timeless, tmp_path / "later"), by)
    assert then == later
    assert faults(changing.shifted(scenario, by), company(path), tmp_path / "later") == []


@every
def test_assets_under_other_names(of: str, name: str, shared: Path, tmp_path: Path) -> None:
    """Issue: "assets renamed to names that say nothing, with the list renamed too"."""
    path = path_of(of, name, shared)
    scenario, setting = changing.assets_renamed(load_scenario(path), company(path), tmp_path / "setting")
    assert scenario.expect.asset != load_scenario(path).expect.asset
    assert faults(scenario, setting, tmp_path / "evidence") == []


@every
def test_an_asset_that_is_not_listed_is_not_invented(of: str, name: str, shared: Path, tmp_path: Path) -> None:
    """Issue: "the asset deleted from the list (the remote tool still alerts, no asset is invented)"."""
    path = path_of(of, name, shared)
    scenario = load_scenario(path)
    report = report_of(scenario, changing.asset_unlisted(scenario, company(path), tmp_path), tmp_path / "evidence")
    origins = {host.split(".")[0].upper() for host in scenario.expect.origin_hosts}
    alerts = [one for one in report.incidents if one.level >= Level.MEDIUM and origins & set(one.origins)]
    assert alerts, "the remote tool no longer alerts"
    assert not any(scenario.expect.asset in one.assets for one in report.incidents)


@every
@pytest.mark.parametrize("tool", OTHERS)
def test_by_another_tool(of: str, name: str, tool: str, shared: Path, tmp_path: Path) -> None:
    """Issue: "one remote tool exchanged for another"."""
    path = path_of(of, name, shared)
    scenario, setting = load_scenario(path), company(path)
    known = load_catalogue().tools
    before = report_of(scenario, setting, tmp_path / "before")
    used = [
        one for incident in before.incidents for one in incident.tools if known[one].kind in ("remote", "management")
    ]
    if not used:
        assert name in ("D26", "D35"), "no remote tool was seen"  # their stories have a copy tool, and a tunnel, only
        return
    assert faults(changing.exchanged(scenario, used[0], tool), setting, tmp_path / "after") == []


@every
def test_split_mixed_twice_and_out_of_order(of: str, name: str, shared: Path, tmp_path: Path) -> None:
    """Issue: "split over files and formats, fed twice, two minutes out of order"."""
    path = path_of(of, name, shared)
    scenario, setting = load_scenario(path), company(path)
    plain = told(report_of(scenario, setting, tmp_path / "plain"))
    for number, form in enumerate(("evtx", "ecs", "nxlog")):
        options = Options(split=3 - number, shuffle=number, duplicate=0.5)
        render(scenario, form, tmp_path / "mixed" / form, options=options)
    mixed = scan(Request((str(tmp_path / "mixed"),), setting.assets, setting.policy, jobs=2))
    assert told(mixed) == plain
    assert faults(changing.skewed(scenario, len(name), timedelta(minutes=2)), setting, tmp_path / "skewed") == []


@st.composite
def tellings(draw: st.DrawFn) -> tuple[tuple[str, str], int, timedelta, bool, bool]:
    """Which story, a seed, how much later, whether under other names, whether among honest days."""
    shift = draw(st.sampled_from((timedelta(), *SHIFTS)))
    return draw(st.sampled_from(ALL)), draw(st.integers(0, 99)), shift, draw(st.booleans()), draw(st.booleans())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(telling=tellings())
def test_all_of_it_together(
    telling: tuple[tuple[str, str], int, timedelta, bool, bool],
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Any of these changes at once, among ordinary events, with or without the honest days of the same hosts."""
    which, seed, shift, rename, honest = telling
    path = path_of(*which, shared)
    work = tmp_path_factory.mktemp("together")
    scenario, setting = changing.shifted(load_scenario(path), shift), company(path)
    if rename:
        scenario, setting = changing.assets_renamed(scenario, setting, work / "setting")
    scenario = changing.skewed(scenario, seed, timedelta(minutes=2))
    days = [one for one in scenario_files(path.parent) if honest and not rename and one.stem.startswith("E")]
    for day in days:
        render(load_scenario(day), "ecs", work / "evidence" / day.stem)
    options = Options(background=60, seed=seed, shuffle=seed, duplicate=0.2)
    render(scenario, "evtx", work / "evidence" / "story", options=options)
    report = scan(Request((str(work / "evidence"),), setting.assets, setting.policy, jobs=1))
    assert malicious_faults(scenario, report, {}, ()) == []


def test_every_company_is_told_otherwise() -> None:
    assert {of for of, _ in ALL} == {"shared", *COMPANIES}
