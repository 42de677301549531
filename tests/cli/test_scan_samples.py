"""The main job on the samples, as a user does it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.program import no_traceback, run

#: The same content under any number of workers and any order of arguments.
ORDERS = (("--jobs", "1"), ("--jobs", "2"))


@pytest.fixture(scope="module")
def samples(root: Path) -> Path:
    return root / "samples"


@pytest.fixture(scope="module")
def report(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("report") / "report.json"
    done = run("scan", samples, "--assets", samples / "assets.yml", "--policy", samples / "policy.yml", "-q", "-o", out)
    no_traceback(done)
    assert done.returncode == 1
    loaded = json.loads(out.read_bytes())
    return dict(loaded)


def scenarios(samples: Path, verdict: str) -> list[dict[str, Any]]:
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((samples / "scenarios").glob("*.yml"))]
    return [one for one in read if one["verdict"] == verdict]


def test_one_incident_for_each_intrusion_and_none_else(samples: Path, report: dict[str, Any]) -> None:
    """Done when 1: "one incident per intrusion, each naming the AI asset and the origin host, none ... for the honest day"."""
    raised = [one for one in report["incidents"] if one["level"] != "informational"]
    told = sorted((one["assets"], one["origins"]) for one in raised)
    expected = [one["expect"] for one in scenarios(samples, "malicious")]
    assert len(expected) == 3
    wanted = sorted(
        ([one["asset"]], [str(host).split(".")[0].upper() for host in one["origin_hosts"]]) for one in expected
    )
    assert told == wanted


def test_honest_use_is_allowed_by_the_clauses_it_should_be(samples: Path, report: dict[str, Any]) -> None:
    """Design: "allowed (a clause covers it; kept and shown)"."""
    clauses = {f["decision"]["policy"] for f in report["findings"] if f["decision"]["verdict"] == "allowed"}
    for day in scenarios(samples, "benign"):
        assert set(day["expect"]["policy_clause"]) <= clauses


def test_the_samples_are_read_whole(report: dict[str, Any]) -> None:
    assert report["complete"] is True
    assert report["losses"] == []


def test_the_same_bytes_whatever_the_order_and_the_workers(samples: Path, tmp_path: Path) -> None:
    """Done when 4: "The same input gives the same bytes of `report.json` whatever the order of files and `--jobs`"."""
    work = tmp_path / "work"
    shutil.copytree(samples / "evidence", work / "evidence")
    files = sorted(str(p.relative_to(work)) for p in (work / "evidence").rglob("*") if p.is_file())
    assert len(files) > 5
    made = set()
    for number, (order, jobs) in enumerate(((files, "1"), (files[::-1], "1"), (files, "2"))):
        out = tmp_path / f"{number}.json"
        done = run(
            "scan", *order, "--assets", samples / "assets.yml", "--policy", samples / "policy.yml", "-q", "-j", jobs,
            "-o", out, cwd=work,
        )  # fmt: skip
        no_traceback(done)
        made.add(out.read_bytes())
    assert len(made) == 1


def test_twice_the_same_evidence_tells_the_same_story(samples: Path, tmp_path: Path) -> None:
    """A collector and an agent both export: the second copy is counted as doubles and changes no incident."""
    shutil.copytree(samples / "evidence", tmp_path / "a")
    shutil.copytree(samples / "evidence", tmp_path / "b")
    setting = ("--assets", samples / "assets.yml", "--policy", samples / "policy.yml", "-q", "--format", "json")
    once = json.loads(run("scan", "a", *setting, cwd=tmp_path).stdout)
    twice = json.loads(run("scan", "a", "b", *setting, cwd=tmp_path).stdout)
    assert [i["id"] for i in twice["incidents"]] == [i["id"] for i in once["incidents"]]
    assert twice["findings"] == once["findings"]
    assert twice["stats"]["duplicates"] > once["stats"]["duplicates"]
