"""Done when 5: "each gives a clear message, the right exit code and all that was found before it"."""

from __future__ import annotations

import errno
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import environment, no_traceback, run, wait_until_open


@pytest.fixture
def evidence(root: Path, tmp_path: Path) -> Path:
    """A private copy of the samples' evidence."""
    return Path(shutil.copytree(root / "samples/evidence", tmp_path / "evidence"))


def scanned(root: Path, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    setting = ("--assets", root / "samples/assets.yml", "--policy", root / "samples/policy.yml")
    done = run("scan", *arguments, *setting, "-q", "--format", "json")
    no_traceback(done)
    loaded = json.loads(done.stdout)
    return done.returncode, loaded


def biggest(evidence: Path) -> Path:
    return max(evidence.rglob("*.evtx"), key=lambda path: path.stat().st_size)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zeros(path: Path) -> None:
    path.write_bytes(bytes(200_000))


def no_log(path: Path) -> None:
    path.write_bytes(b"MZ\x90\x00" + os.urandom(5000))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30_000])


def half_written(path: Path) -> None:
    """The header of a file whose last chunk was being written."""
    data = bytearray(path.read_bytes())
    data[-40_000:] = bytes(40_000)
    path.write_bytes(data)


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 + 600 : 4096 + 900] = bytes(300)
    path.write_bytes(data)


def locked(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name + ".gone")


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (empty, {"empty"}),
        (zeros, {"empty"}),
        (no_log, {"not-a-log"}),
        (truncated, {"truncated", "damaged"}),
        (half_written, {"damaged", "truncated", "empty"}),
        (damaged, {"damaged", "unparsed"}),
        (locked, {"unreadable"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_spoilt_file_is_named_and_costs_only_itself(
    root: Path, evidence: Path, spoil: Callable[[Path], None], kinds: set[str]
) -> None:
    """Issue: "Damaged, empty, truncated, locked, non-log, zero-filled and half-written files"."""
    extra = evidence / "spoilt.evtx"
    shutil.copy(biggest(evidence), extra)
    spoil(extra)
    code, report = scanned(root, evidence)
    assert code == 1
    assert len([one for one in report["incidents"] if one["level"] != "informational"]) == 3
    losses = [loss for loss in report["losses"] if "spoilt.evtx" in str(loss["where"])]
    assert losses
    assert {loss["kind"] for loss in losses} <= kinds
    assert report["complete"] is False


def test_nothing_found_in_a_spoilt_file_is_incomplete_and_exit_4(tmp_path: Path) -> None:
    """Design: "4 nothing found but incomplete"; "A run with losses says incomplete, never clean"."""
    (tmp_path / "Security.evtx").write_bytes(bytes(70_000))
    done = run("scan", tmp_path)
    assert done.returncode == 4
    assert b"incomplete" in done.stdout.lower()
    assert b"clean" not in done.stdout.lower()


def test_an_unreadable_folder_is_named(root: Path, evidence: Path) -> None:
    """Issue: "unreadable folders". Root may read everything, so there it is a loop of links that cannot be followed."""
    (evidence / "loop").symlink_to("loop")
    code, report = scanned(root, evidence)
    assert code == 1
    assert [loss["kind"] for loss in report["losses"]] == ["unreadable"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scan",), ("PATH",)),
        (("scan", "no-such-folder"), ("no-such-folder",)),
        (("scan", ".", "--since", "yesterday"), ("yesterday", "2026-11-24T08:30:00Z")),
        (("scan", ".", "--since", "2026-01-02", "--until", "2026-01-01"), ("--since", "--until")),
        (("scan", ".", "--fail-on", "hihg"), ("hihg", "critical")),
        (("scan", ".", "-o", "report.pdf"), ("report.pdf", ".json")),
        (("scan", ".", "-o", "a.json", "-o", "./a.json"), ("twice",)),
        (("scan", ".", "--assets", "missing.yml"), ("missing.yml",)),
        (("scan", ".", "--policy", "missing.yml"), ("missing.yml",)),
        (("scan", ".", "--rules", "missing"), ("missing",)),
        (("show", "missing.json"), ("missing.json",)),
        (("show", "/dev/zero"), ("not a report",)),
        (("tools", "show", "anydsk"), ("anydsk", "anydesk")),
        (("config", "check"), ("--assets",)),
        (("scam", "."), ("scam",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_command_line_says_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Design: "2 usage or configuration error"."""
    done = run(*arguments, cwd=tmp_path)
    no_traceback(done)
    assert done.returncode == 2
    assert done.stdout == b""
    for word in words:
        assert word in done.stderr.decode()


def test_a_broken_policy_names_file_line_key_and_nearest_word(root: Path, tmp_path: Path) -> None:
    """Issue: "loaded with errors that name file, line, key and the nearest valid word"."""
    policy = tmp_path / "policy.yml"
    policy.write_text(
        "version: 1\ntimezone: UTC\ntools:\n  - id: a\n    tool: anydesk\n    hostz: [X]\n    actions: [conect]\n"
    )
    done = run("scan", tmp_path, "--assets", root / "samples/assets.yml", "--policy", policy)
    no_traceback(done)
    assert done.returncode == 2
    text = done.stderr.decode()
    for word in ("policy.yml:6", "hostz", "hosts", "policy.yml:7", "conect", "connect"):
        assert word in text


def test_one_broken_rule_is_a_loss_beside_good_ones(root: Path, evidence: Path, tmp_path: Path) -> None:
    """Issue: "a broken rule"; errors.py: "one broken rule beside good ones" stops only a part of a run."""
    rules = Path(shutil.copytree(root / "sigma_rules", tmp_path / "rules"))
    (rules / "broken.yml").write_text(
        "title: Broken\nlogsource: {product: windows}\ndetection:\n  a: {b|contans: c}\n  condition: a\n"
    )
    code, report = scanned(root, evidence, "--rules", rules)
    assert code == 1
    assert [loss["kind"] for loss in report["losses"]] == ["rule"]
    assert "broken.yml" in str(report["losses"][0]["where"])


def test_only_broken_rules_end_the_run(tmp_path: Path) -> None:
    rule = tmp_path / "broken.yml"
    rule.write_text("title: [")
    done = run("scan", tmp_path, "--rules", rule)
    no_traceback(done)
    assert done.returncode == 2
    assert b"broken.yml" in done.stderr


def test_a_folder_without_a_log_is_not_clean(tmp_path: Path) -> None:
    """docs/commands.md: 0 means that "everything was read and judged"; a failed export must not pass as clean."""
    (tmp_path / "notes.txt").write_text("nothing to see here")
    assert run("scan", tmp_path, "-q").returncode == 4


def test_a_span_without_a_record_is_not_clean(root: Path) -> None:
    done = run("scan", root / "samples/evidence/S04", "--since", "2030-01-01")
    assert done.returncode == 4
    assert b"incomplete" in done.stdout.lower()


def test_a_bare_day_for_until_is_all_of_it(root: Path) -> None:
    """docs/commands.md: "a bare day for `--until` is all of that day"."""
    span = ("--since", "2026-05-19", "--until", "2026-05-19", "-q", "--format", "json")
    assert json.loads(run("scan", root / "samples/evidence/S04", *span).stdout)["stats"]["judged"] > 100


def test_a_full_disk_costs_no_other_output(root: Path, evidence: Path, tmp_path: Path) -> None:
    """Issue: "a full disk at output"; OutputError: "what was found has still been shown"."""
    good = tmp_path / "good.json"
    done = run("scan", evidence, "-o", "/dev/full/report.json", "-o", good)
    no_traceback(done)
    assert done.returncode == 3
    assert b"/dev/full/report.json" in done.stderr
    assert json.loads(good.read_bytes())["findings"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full (Linux)")
def test_a_full_standard_output_is_said(evidence: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "detector", "scan", str(evidence), "--format", "json"],
            stdout=full, stderr=subprocess.PIPE, check=False, env=environment(), timeout=300,
        )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert done.returncode == 3
    assert os.strerror(errno.ENOSPC).encode() in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv"])
def test_a_reader_that_closes_early_ends_it_quietly(evidence: Path, form: str) -> None:
    """docs/commands.md: "141 whoever read standard output closed it"."""
    with subprocess.Popen(
        [sys.executable, "-m", "detector", "scan", str(evidence), "--format", form, "-q"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=300) == 141


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc, to see which file is being read (Linux)")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_tells_what_was_found_and_names_the_rest(root: Path, tmp_path: Path, jobs: str) -> None:
    """Issue: "Ctrl-C: ... a clear message, the right exit code and all that was found before it"."""
    line = next((root / "samples/evidence/S02").glob("FRL-LT-0733*.ndjson")).read_bytes()
    small, large, out = tmp_path / "a.ndjson", tmp_path / "b.ndjson", tmp_path / "report.json"
    small.write_bytes(line)
    large.write_bytes(line * (120_000_000 // len(line)))
    process = subprocess.Popen(
        [sys.executable, "-m", "detector", "scan", str(small), str(large), "-j", jobs, "-o", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    wait_until_open(process.pid, large)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=300)
    assert process.returncode in (1, 4), message
    assert b"Traceback" not in message
    assert b"Stopped" in message
    report = json.loads(out.read_bytes())
    assert report["complete"] is False
    cut = [loss["where"] for loss in report["losses"] if loss["kind"] == "interrupted"]
    records = {one["path"]: one["records"] for one in report["inputs"]}
    assert str(large) in cut
    assert str(small) in cut or records[str(small)] == line.count(b"\n")
    if (
        jobs == "1" and str(small) not in cut
    ):  # one after the other, but the large one is opened before, to see its form
        assert cut == [str(large)]
        assert report["findings"]


def test_progress_shows_on_a_terminal_only(evidence: Path) -> None:
    """Design: "Progress only on a terminal"."""
    assert b"Reading" not in run("scan", evidence).stderr
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "detector", "scan", str(evidence)],
        stdout=subprocess.DEVNULL, stderr=slave, env=environment(),
    )  # fmt: skip
    process.wait(timeout=300)
    os.close(slave)
    assert b"Reading" in os.read(master, 100_000)
    os.close(master)
