"""Stopped from outside: signals at any time, and worker processes that die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import environment, wait_until_open

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to see who reads what (Linux)")


@pytest.fixture
def logs(root: Path, tmp_path: Path) -> list[Path]:
    """Enough for workers: the first two are read first, and take seconds."""
    line = (root / "samples/evidence/S02/FRL-LT-0733_ecs.ndjson").read_bytes()
    made = [tmp_path / name for name in ("a.ndjson", "b.ndjson", "c.ndjson")]
    for path, megabytes in zip(made, (9, 8, 1), strict=True):
        path.write_bytes(line * (megabytes * 2**20 // len(line) + 1))
    return made


def start(logs: list[Path], out: Path, jobs: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "detector", "scan", *map(str, logs), "-j", str(jobs), "-q", "-o", str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), start_new_session=True,
    )  # fmt: skip


def report_of(out: Path) -> dict[str, Any]:
    loaded = json.loads(out.read_bytes())
    return dict(loaded)


@pytest.mark.parametrize("delay", [0.03, 0.06, 0.1, 0.15])
def test_ctrl_c_while_the_program_loads_ends_it_quietly(logs: list[Path], tmp_path: Path, delay: float) -> None:
    """ "Ctrl-C: ... a clear message, the right exit code"; 3 is "it was stopped before there was one"."""
    process = start(logs, tmp_path / "report.json", 1)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=60)
    if process.returncode == -signal.SIGINT:
        pytest.skip("Python itself had not begun yet")
    assert process.returncode in (3, 4)  # 4 where the machine was quick, and reading had begun
    assert b"Traceback" not in message


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_terminated_run_tells_what_it_found(logs: list[Path], tmp_path: Path, jobs: int) -> None:
    """docs/commands.md: SIGTERM and SIGHUP do as Ctrl-C."""
    out = tmp_path / "report.json"
    process = start(logs, out, jobs)
    wait_until_open(process.pid, logs[0])
    process.send_signal(signal.SIGTERM)
    _, message = process.communicate(timeout=60)
    assert process.returncode in (0, 1, 4), message
    assert "interrupted" in {loss["kind"] for loss in report_of(out)["losses"]}


def test_a_worker_that_dies_costs_its_file_only(logs: list[Path], tmp_path: Path) -> None:
    """ "The rest must be read and the dead one named" (LossKind.WORKER: "a worker process died")."""
    out = tmp_path / "report.json"
    process = start(logs, out, 2)
    for _ in range(2):  # once in the pool, once alone
        reader = wait_until_open(process.pid, logs[0])
        os.kill(reader, signal.SIGKILL)
        with suppress(FileNotFoundError):  # it is gone
            while os.listdir(f"/proc/{reader}/fd"):
                time.sleep(0.01)
    _, message = process.communicate(timeout=120)
    assert process.returncode == 4, message
    report = report_of(out)
    assert [(loss["kind"], loss["where"]) for loss in report["losses"]] == [("worker", str(logs[0]))]
    assert {one["path"] for one in report["inputs"]} == {str(path) for path in logs[1:]}
    assert report["findings"]


def test_workers_end_with_their_parent(logs: list[Path], tmp_path: Path) -> None:
    process = start(logs, tmp_path / "report.json", 2)
    reader = wait_until_open(process.pid, logs[0])
    process.kill()
    process.communicate(timeout=60)  # returns when all that held its standard error are gone
    deadline = time.monotonic() + 10
    while Path(f"/proc/{reader}/stat").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{reader}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    assert not Path(f"/proc/{reader}").exists()
