"""Rule 10 of policy.yml: 'A key an event cannot show ... is judged from the tool's other events on that host.'"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model.rule import Action
from detector.triage.pool import pool
from detector.triage.traits import Traits
from tests.company import CATALOGUE
from tests.making import T0, after

OURS = "C:\\Program Files (x86)\\ScreenConnect Client (00aa)\\a.exe"
THEIRS = "C:\\ProgramData\\ScreenConnect Client (ff00)\\a.exe"


def use(
    hours: float, action: Action | None = Action.CONNECT, tool: str = "screenconnect", host: str = "A", **shown: Any
) -> Traits:
    return replace(Traits(host, after(hours), CATALOGUE.tools[tool], action), **shown)


def test_what_an_event_lacks_is_taken_from_the_nearest_of_the_same_installation() -> None:
    bare = use(5)
    near = use(6, path=OURS, signer="near", tenant={"instance": "00aa"})
    far = use(1, path=OURS, signer="far", user="x")
    completed = pool([bare, near, far]).completed(bare)
    assert (completed.path, completed.signer, completed.user, completed.tenant) == (
        OURS,
        "near",
        "x",
        {"instance": "00aa"},
    )
    assert (completed.time, completed.action) == (bare.time, bare.action)


def test_what_an_event_shows_stays() -> None:
    one = use(5, path=OURS, signer="mine", tenant={"instance": "00aa"})
    other = use(5, path=OURS, signer="theirs", tenant={"relay": "r:1"})
    completed = pool([one, other]).completed(one)
    assert (completed.signer, completed.tenant) == ("mine", {"instance": "00aa", "relay": "r:1"})


@pytest.mark.parametrize(
    "other",
    [
        use(5, tenant={"instance": "ff00"}, signer="eve"),
        use(5, path=THEIRS, signer="eve"),
        use(5, path=OURS, tenant={"instance": "00aa"}, signer="eve", host="B"),
        use(5, path=OURS, tenant={"instance": "00aa"}, signer="eve", tool="anydesk"),
    ],
    ids=["another tenant", "another folder", "another host", "another tool"],
)
def test_another_installation_lends_nothing(other: Traits) -> None:
    """A second tenant beside the sanctioned one is not covered by what the sanctioned one shows."""
    one = use(5, path=OURS, tenant={"instance": "00aa"})
    assert pool([one, other]).completed(one).signer == ""


def test_an_installer_runs_from_elsewhere() -> None:
    install = use(
        0,
        Action.INSTALL,
        path="C:\\Windows\\IMECache\\1\\a.exe",
        installed_by="C:\\agent.exe",
        installed_from=("D:\\x",),
    )
    service = use(0.1, Action.INSTALL, path=OURS)
    running = use(1, path=OURS)
    made = pool([install, service, running])
    assert made.completed(service).installed_by == "C:\\agent.exe"
    assert made.completed(running).installed_from == ("D:\\x",)


def test_an_installers_own_place_is_not_the_tools() -> None:
    """A session a minute after the install must not be judged by the folder of the setup program."""
    install = use(0, Action.INSTALL, path="C:\\Windows\\Temp\\setup.exe", tenant={"instance": "00aa"})
    connected = session(0.02, "ivy", tenant={"instance": "00aa"})
    assert pool([install, connected]).completed(connected).path == ""
    running = use(9, path=OURS, tenant={"instance": "00aa"})
    assert pool([install, connected, running]).completed(connected).path == OURS


def test_an_installer_of_another_tenant_lends_nothing() -> None:
    install = use(0, Action.INSTALL, tenant={"instance": "ff00"}, installed_by="C:\\agent.exe")
    running = use(1, path=OURS, tenant={"instance": "00aa"})
    assert pool([install, running]).completed(running).installed_by == ""


RUN: dict[str, Any] = {"tool": "rclone", "path": "C:\\rclone.exe"}


def test_a_run_is_judged_by_its_own_command_line() -> None:
    """Two runs of one program in one night: the connection of each goes with the command of its own process."""
    job = use(
        0, Action.UPLOAD, **RUN, processes=("{1}",), commanded=True, user="svc", remotes=("cold:",), config="n.conf"
    )
    theft = use(1, Action.UPLOAD, **RUN, processes=("{2}",), commanded=True, user="eve", remotes=("sx:",))
    made = pool(
        [job, theft, first := use(1.1, **RUN, processes=("{1}",)), second := use(0.1, **RUN, processes=("{2}",))]
    )
    assert (made.completed(first).user, made.completed(first).remotes, made.completed(first).config) == (
        "svc",
        ("cold:",),
        "n.conf",
    )
    assert (made.completed(second).user, made.completed(second).remotes, made.completed(second).config) == (
        "eve",
        ("sx:",),
        "",
    )
    assert made.completed(second).commanded


def test_a_runs_direction_is_its_commands() -> None:
    fetch = use(0, Action.DOWNLOAD, **RUN, processes=("{1}",), commanded=True, remotes=("open:",))
    seen = use(0.1, Action.UPLOAD, **RUN, processes=("{1}",))
    connected = use(0.1, Action.CONNECT, **RUN, processes=("{1}",))
    made = pool([fetch, seen, connected])
    assert made.completed(seen).action is Action.DOWNLOAD
    assert made.completed(connected).action is Action.CONNECT


def test_a_process_id_is_given_again() -> None:
    job = use(0, Action.UPLOAD, **RUN, processes=("pid:7",), commanded=True, user="svc")
    theft = use(40, Action.UPLOAD, **RUN, processes=("pid:7",), commanded=True, user="eve")
    made = pool(
        [job, theft, seen := use(40.1, **RUN, processes=("pid:7",)), later := use(90, **RUN, processes=("pid:7",))]
    )
    assert made.completed(seen).user == "eve"
    assert not made.completed(later).commanded


def test_without_a_known_process_the_nearest_run_stands_in() -> None:
    job = use(0, Action.UPLOAD, **RUN, commanded=True, user="svc", remotes=("cold:",))
    seen = use(0.1, **RUN, processes=("pid:7",))
    assert pool([job, seen]).completed(seen).remotes == ("cold:",)


def session(hours: float, operator: str, *, left: bool = False, **shown: Any) -> Traits:
    return use(hours, Action.SESSION, operator=operator, session_end=left, **shown)


@pytest.mark.parametrize(
    ("hour", "operator"),
    [
        (0.5, ""),
        (1, "ivy"),
        (1.5, "ivy"),
        (2, "ivy"),  # what is logged in the second of leaving was done before
        (2.5, ""),
        (3.5, "max"),
        (4.5, "eve"),
        (5.5, "max"),  # eve left, max had not
        (14.9, "max"),
        (15.1, ""),  # an end that was not logged
    ],
)
def test_who_was_connected_at_the_time(hour: float, operator: str) -> None:
    sessions = [
        session(1, "ivy"),
        session(2, "ivy", left=True),
        session(3, "max"),
        session(4, "eve"),
        session(5, "eve", left=True),
    ]
    done = use(hour, Action.COMMAND)
    assert pool([done, *sessions]).completed(done).operator == operator


def test_a_session_of_another_tenant_is_nobody_here() -> None:
    done = use(1.5, Action.COMMAND, path=OURS, tenant={"instance": "00aa"})
    theirs = session(1, "eve", tenant={"instance": "ff00"})
    assert pool([done, theirs]).completed(done).operator == ""
    assert pool([done, session(1, "ivy", tenant={"instance": "00aa"})]).completed(done).operator == "ivy"


def test_rules_of_no_tool_lend_one_another_nothing() -> None:
    one = replace(use(0), tool=replace(CATALOGUE.tools["rclone"], id=""))
    assert pool([one, replace(one, signer="x")]).completed(one) == one


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.sampled_from(list(Action)),
            st.sampled_from(["", OURS, THEIRS]),
            st.sampled_from(["", "00aa", "ff00"]),
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda drawn: drawn[0],
    ),
    st.integers(0, 99),
)
def test_completing_keeps_what_is_shown_whatever_the_order(
    drawn: list[tuple[int, Action, str, str]], seed: int
) -> None:
    uses = [
        use(hour, action, path=path, tenant={"instance": of} if of else {}, signer=f"s{hour}" if hour % 3 == 0 else "")
        for hour, action, path, of in drawn
    ]
    shuffled = random.Random(seed).sample(uses, len(uses))
    for one in uses:
        completed = pool(uses).completed(one)
        assert completed == pool(shuffled).completed(one)
        assert (one.path or completed.path, one.signer or completed.signer) == (completed.path, completed.signer)
        assert {**completed.tenant, **one.tenant} == completed.tenant


def test_the_ends_of_the_calendar_are_times_too() -> None:
    for when in (datetime.min, datetime.max):
        one = replace(session(0, "ivy"), time=when.replace(tzinfo=T0.tzinfo))
        done = replace(one, operator="")
        assert pool([one, done]).completed(done).operator == "ivy"


def test_a_tool_that_runs_from_thousands_of_folders() -> None:
    """One that unpacks itself anew each time: every use was compared with every other, a minute for these."""
    uses = [use(number / 60, path=f"C:\\Temp\\{number}\\a.exe") for number in range(10_000)]
    signed = [use(1, path="C:\\Temp\\7\\a.exe", signer="near"), use(1, signer="bare")]
    pooled = pool([*uses, *signed])
    began = time.perf_counter()
    completed = [pooled.completed(one) for one in uses]
    assert time.perf_counter() - began < 10
    assert completed[7].signer == "near"
    assert completed[8].signer == "bare"
