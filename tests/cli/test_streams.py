"""Where the report goes and where the evidence comes from: closed streams, full ones, and files that must be spared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment, no_traceback, run

#: A shell closes the stream before the program begins.
CLOSED = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-", "all": "<&- >&- 2>&-"}


@pytest.fixture
def log(root: Path, tmp_path: Path) -> Path:
    """A private copy of a log in which there is an incident."""
    return Path(shutil.copy(root / "samples/evidence/S02/FRL-LT-0733_ecs.ndjson", tmp_path / "log.ndjson"))


def shell(redirection: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "detector", *map(str, arguments)]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *command],
        capture_output=True, check=False, env=environment(), timeout=300,
    )  # fmt: skip


def test_a_closed_standard_input_is_a_loss() -> None:
    done = shell(CLOSED["stdin"], "scan", "-", "-q", "--format", "json")
    no_traceback(done)
    assert done.returncode == 4
    assert [loss["kind"] for loss in json.loads(done.stdout)["losses"]] == ["unreadable"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_with_standard_output_closed_the_report_is_shown_all_the_same(log: Path, form: str) -> None:
    """OutputError: "A result could not be written; what was found has still been shown"."""
    done = shell(CLOSED["stdout"], "scan", log, "--format", form, "-q")
    no_traceback(done)
    assert done.returncode == 3
    assert b"standard output: it is closed" in done.stderr
    assert b"ScreenConnect" in done.stderr


@pytest.mark.parametrize("redirection", [CLOSED["stderr"], CLOSED["all"], "2>/dev/full"])
def test_who_cannot_be_told_changes_no_result(log: Path, tmp_path: Path, redirection: str) -> None:
    out = tmp_path / "report.json"
    done = shell(redirection, "scan", log, "--fail-on", "low", "-o", out)
    assert done.returncode == 1
    assert json.loads(out.read_bytes())["incidents"]
    assert shell(redirection, "scan", tmp_path / "missing").returncode == 2


def test_a_quiet_run_whose_file_cannot_be_written_shows_what_it_found(log: Path, tmp_path: Path) -> None:
    done = run("scan", log, "-q", "-o", tmp_path / "missing" / "report.json")
    no_traceback(done)
    assert done.returncode == 3
    assert b"ScreenConnect" in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["scan", "rules"])
def test_a_pipe_closed_in_the_middle(root: Path, command: str, unbuffered: str) -> None:
    """docs/commands.md: "141 whoever read standard output closed it"."""
    arguments = {"scan": ["scan", str(root / "samples"), "-q", "--format", "json"], "rules": ["rules", "list"]}[command]
    with subprocess.Popen(
        [sys.executable, "-m", "detector", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment() | {"PYTHONUNBUFFERED": unbuffered},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=300) in ((141,) if command == "scan" else (0, 141))


def test_standard_input_is_read_beside_workers(log: Path, tmp_path: Path) -> None:
    """Done when 4: the same whatever `--jobs`. A worker process has another standard input."""
    big = tmp_path / "big"
    big.mkdir()
    for name in ("a.json", "b.json"):
        (big / name).write_bytes(b"\n" * (10 * 2**20))
    done = run("scan", "-", big, "-j", "2", "-q", "--format", "json", stdin=log.read_bytes())
    no_traceback(done)
    read = {one["path"]: one["records"] for one in json.loads(done.stdout)["inputs"]}
    assert read["-"] == log.read_bytes().count(b"\n")


@pytest.mark.parametrize("name", ["log.ndjson", "linked.json", "twin.json", "assets.json"])
def test_no_report_takes_the_place_of_evidence(root: Path, log: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "linked.json").symlink_to(log)
    os.link(log, tmp_path / "twin.json")
    assets = Path(shutil.copy(root / "samples/assets.yml", tmp_path / "assets.json"))
    for path in (log, tmp_path):
        before = (tmp_path / name).read_bytes()
        done = run("scan", path, "--assets", assets, "-o", name, cwd=tmp_path)
        assert done.returncode == 2
        assert b"choose another name" in done.stderr
        assert (tmp_path / name).read_bytes() == before


def test_reports_in_a_scanned_folder_are_no_logs_and_may_be_replaced(log: Path, tmp_path: Path) -> None:
    outputs = [part for suffix in ("json", "jsonl", "csv", "txt") for part in ("-o", f"report.{suffix}")]
    first, second = (run("scan", ".", *outputs, "-q", cwd=tmp_path) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    report = json.loads((tmp_path / "report.json").read_bytes())
    kinds = {one["path"]: one["kind"] for one in report["inputs"]}
    assert kinds.pop("./log.ndjson") == "ndjson"
    assert len(kinds) == 4
    assert set(kinds.values()) == {"ignored"}
    assert report["complete"] is True


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_write_protected_file_stays(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    out.write_text("kept")
    out.chmod(0o444)
    done = run("scan", log, "-q", "-o", out)
    assert done.returncode == 3
    assert b"write-protected" in done.stderr
    assert out.read_text() == "kept"


def test_a_name_as_long_as_names_may_be(log: Path, tmp_path: Path) -> None:
    name = "a" * 250 + ".json"
    assert run("scan", log, "-q", "-o", name, cwd=tmp_path).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {log.name, name}


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "no\x1b[31m\x07"),
        ("scan", ".", "-o", "\x1b[31m.pdf"),
        ("scan", ".", "-q", "-o", "no/\x1b[31m.json"),
        ("scan", ".", "--assets", "\x1b[31m"),
        ("scan", ".", "--fail-on", "\x1b]0;x\x07"),
        ("show", "\u202e.json"),
        ("tools", "show", "\x1b[31m"),
        ("rules", "list", "--rules", "rule.yml"),
    ],
)
def test_names_act_on_no_terminal(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Issue: "control characters, terminal escapes, ... right-to-left marks never come through alive"."""
    rule = 'title: "\\e[31mx"\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n'
    (tmp_path / "rule.yml").write_text(rule)
    done = run(*arguments, cwd=tmp_path)
    no_traceback(done)
    text = (done.stdout + done.stderr).decode()
    assert text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
