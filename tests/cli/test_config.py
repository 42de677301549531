"""``config draft`` and ``config check --evidence``, as a user starts them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from detector.app.scan import Request, load_setting, scan
from detector.config import load_inventory
from detector.model.policy import Verdict
from detector.render.draft import Evidence, pattern, policy_draft, quoted
from detector.rules import load_catalogue
from detector.triage.seen import seen_tools
from detector.triage.traits import Traits
from tests.cli.program import no_traceback, run
from tests.making import T0

STORIES = ("S01", "S02", "S03", "S04")


def evidence_of(root: Path, story: str) -> Path:
    return root / "samples/evidence" / story


def drafted(root: Path, story: str, work: Path) -> tuple[Path, Path]:
    done = run("config", "draft", evidence_of(root, story), "-o", work)
    no_traceback(done)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines() == [str(work / "assets.yml"), str(work / "policy.yml")]
    return work / "assets.yml", work / "policy.yml"


def in_force(policy: Path) -> Path:
    """The draft with every entry sanctioned: the one sign in front of each line taken away."""
    text = re.sub(r"^#(?!#)", "", policy.read_text(encoding="utf-8"), flags=re.MULTILINE)
    other = policy.with_name("sanctioned.yml")
    other.write_text(text, encoding="utf-8")
    return other


@pytest.mark.parametrize("story", STORIES)
def test_a_draft_sanctions_nothing_until_somebody_does(root: Path, story: str, tmp_path: Path) -> None:
    """Issue: "each remote tool seen, its tenant, hosts, people, hours, with counts; nothing is sanctioned by default"."""
    assets, policy = drafted(root, story, tmp_path)
    as_drafted = load_setting(assets, policy).policy
    assert as_drafted is not None
    assert (as_drafted.tools, as_drafted.access, as_drafted.bulk_read) == ((), (), ())
    assert load_inventory(assets).assets == ()
    sanctioned = in_force(policy)
    text = policy.read_text(encoding="utf-8")
    clauses = load_setting(assets, sanctioned).policy
    assert clauses is not None
    report = scan(Request((str(evidence_of(root, story)),), assets, sanctioned, jobs=1))
    seen = {finding.tool for finding in report.findings if finding.tool}
    assert seen <= {clause.tool for clause in clauses.tools}
    assert all(re.search(rf"^#    tool: {re.escape(tool)}$", text, re.MULTILINE) for tool in seen)
    # Every entry allows all that it was made from, but for AI assets: those need `reach_ai`.
    uses = [finding for finding in report.findings if finding.tool and finding.action and not finding.asset]
    assert uses
    assert [finding for finding in uses if finding.decision.verdict is not Verdict.ALLOWED] == []


def test_a_draft_overwrites_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text("version: 1\n")
    done = run("config", "draft", evidence_of(root, "S01"), "-o", tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'policy.yml'} is there already" in done.stderr.decode()
    assert not (tmp_path / "assets.yml").exists()


def test_a_draft_of_what_cannot_be_read_whole_says_so(root: Path, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/x.evtx").write_bytes(b"ElfFile\x00" + bytes(5000))
    done = run("config", "draft", tmp_path / "logs", "-o", tmp_path / "out")
    assert done.returncode == 4
    assert b"not seen: " in done.stderr
    assert "## Not everything could be read or judged" in (tmp_path / "out/policy.yml").read_text()


def test_a_draft_that_cannot_be_written_is_exit_code_3(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("config", "draft", evidence_of(root, "S01"), "-o", tmp_path / "file/below")
    no_traceback(done)
    assert done.returncode == 3
    assert b"cannot write" in done.stderr


HOSTILE = ("x\n#tools: [a]\ntools: []", "it's", "a: b #c", "\u202egpj", "[a-z]*?", "\ud800", "C:\\p\\'q", "\x1b[2J")


@pytest.mark.parametrize("text", HOSTILE)
def test_log_text_stays_text_in_a_draft(text: str) -> None:
    """House: "Log text is hostile: escape it in every renderer"."""
    catalogue = load_catalogue()
    shown = Traits(text, T0, catalogue.tools["rclone"], None, user=text, path=text, sources=(text,))
    evidence = Evidence(1, T0, T0, seen_tools([shown]), (), (), (), "", complete=True)
    draft = policy_draft(evidence, catalogue)
    assert [line for line in draft.splitlines() if line and not line.startswith("#")] == [
        "version: 1",
        "timezone: UTC   # yours, such as Europe/Berlin: hours are local",
    ]
    clauses = yaml.safe_load(re.sub(r"^#(?!#)", "", draft, flags=re.MULTILINE))
    assert len(clauses["tools"]) == 1
    plain = text.encode("utf-8", "backslashreplace").decode()
    assert yaml.safe_load(quoted(text)) == plain
    assert isinstance(yaml.safe_load(pattern(text)), str)


def test_check_says_what_a_policy_allows_on_evidence_and_what_a_change_does(root: Path, tmp_path: Path) -> None:
    """Issue: "what a policy change would have allowed or raised on given evidence"."""
    setting = ("--assets", root / "samples/assets.yml", "--policy", root / "samples/policy.yml")
    done = run("config", "check", *setting, "--evidence", evidence_of(root, "S04"))
    no_traceback(done)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert "0 incidents" in lines
    assert any(re.fullmatch(r"[\w-]+: allowed \d+ findings?", line) for line in lines)
    narrower = tmp_path / "policy.yml"
    text = (root / "samples/policy.yml").read_text(encoding="utf-8")
    narrower.write_text(text.replace("a4c19e72f00b58d3", "0000000000000000"), encoding="utf-8")
    done = run(
        "config", "check", "--assets", root / "samples/assets.yml", "--policy", narrower, "--was",
        root / "samples/policy.yml", "--evidence", evidence_of(root, "S04"),
    )  # fmt: skip
    said = done.stdout.decode()
    assert re.search(r"^no longer allowed: \d+ findings$", said, re.MULTILINE)
    assert "instance is a4c19e72f00b58d3, not 0000000000000000" in said
    assert "sc-apoio: never used on this evidence" in said


def test_check_points_out_a_clause(root: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(
        "tools:\n  - {id: old, tool: anydesk, hosts: [A], users: [b], actions: [session], expires: 2020-01-31}\n"
    )
    done = run("config", "check", "--policy", policy)
    assert done.returncode == 0
    assert f"{policy}:2: old: it expired on 2020-01-31" in done.stdout.decode()


@pytest.mark.parametrize("arguments", [("--evidence", "x"), ("--policy", "p", "--was", "q")])
def test_what_cannot_be_compared_is_refused(arguments: tuple[str, ...]) -> None:
    done = run("config", "check", "--assets", "a", *arguments)
    assert done.returncode == 2
