"""How long a process takes, and how much memory it and its children hold together at most."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """Median wall seconds of the runs, and the highest sum of memory of the process and its children, in MB."""

    seconds: float
    memory: float


def process(command: Sequence[str | Path], runs: int = 3) -> Run:
    """Run it a few times, after once that warms the caches; what it prints is thrown away."""
    _once(command)
    made = [_once(command) for _ in range(runs)]
    return Run(statistics.median(seconds for seconds, _ in made), max(memory for _, memory in made))


def program(*arguments: str | Path, runs: int = 3) -> Run:
    """The same of rmm-detector."""
    return process([sys.executable, "-m", "detector", *arguments], runs)


def _once(command: Sequence[str | Path]) -> tuple[float, float]:
    begin = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        peak = _Peak(started.pid)
        code = started.wait()
        seconds = time.perf_counter() - begin
        memory = peak.end()
    if code not in (0, 1, 4):
        raise SystemExit(f"{' '.join(map(str, command))} ended with {code}")
    return seconds, memory


class _Peak:
    """Looks at a process and its children from time to time. Shared memory counts once (Linux; elsewhere 0)."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._over.wait(_LOOK):
            self._most = max(self._most, sum(map(_proportional, _tree(self._pid))))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def _proportional(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def alone(code: str, *arguments: str | Path, runs: int = 3) -> Run:
    """Python code in a process of its own, as something to compare with."""
    return process([sys.executable, "-c", code, *arguments], runs)


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Median wall seconds of something in this process."""
    work()
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)
