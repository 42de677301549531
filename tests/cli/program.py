"""The program as a user starts it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def run(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run ``rmm-detector`` to its end. The environment says nothing of colours or widths."""
    return subprocess.run(
        [sys.executable, "-m", "detector", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment(),
        timeout=300,
    )


def environment() -> dict[str, str]:
    """This process's environment without what would change the output."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")
    }
    return kept | {"PYTHONIOENCODING": "utf-8"}


def no_traceback(done: subprocess.CompletedProcess[bytes]) -> None:
    """Fail when Python's own error report came through."""
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode(errors="replace")


def wait_until_open(pid: int, path: Path) -> int:
    """Until the process or one of its children has the file open; which of them."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if link.readlink() == path and pid in (int(link.parts[2]), parent(int(link.parts[2]))):
                    return int(link.parts[2])
            except OSError:
                continue
        time.sleep(0.01)
    raise AssertionError(f"{path} was never opened")


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
