"""``make bench``: what the issue asks figures for, each measured in this one run and given as a ratio where one helps.

Nothing here is a test: machines are small and noisy.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from evtx import PyEvtxParser

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
SHARED = Path(os.environ.get("RMM_DETECTOR_SHARED", ROOT.parent / "shared"))


def seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Median wall seconds of a few runs, after one that warms the caches."""
    work()
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def program(*arguments: str | Path) -> Callable[[], object]:
    """A run of the program as a process of its own; what it prints is thrown away."""
    return process([sys.executable, "-m", "detector", *map(str, arguments)])


def process(command: Sequence[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def parse_only(files: Sequence[Path]) -> Callable[[], object]:
    """pyevtx-rs turning every record into JSON, and nothing else."""

    def work() -> None:
        for path in files:
            records = PyEvtxParser(str(path)).records_json()
            while True:
                try:
                    next(records)
                except StopIteration:
                    break
                except (RuntimeError, ValueError, OSError):
                    continue

    return work


def main() -> None:
    """Print the figures."""
    bare = seconds(process([sys.executable, "-c", "pass"]))
    print(f"python -c pass                    {bare:6.3f} s")
    started = seconds(program("--help"))
    print(
        f"rmm-detector --help               {started:6.3f} s   {started / bare:5.1f} x python alone (to be under 0.3 s)"
    )
    small = min(SAMPLES.rglob("*.evtx"), key=lambda path: path.stat().st_size)
    setting = ("--assets", SAMPLES / "assets.yml", "--policy", SAMPLES / "policy.yml")
    one = seconds(program("scan", small, *setting))
    print(f"scan of one small file            {one:6.3f} s   {one / bare:5.1f} x python alone (to be under 0.7 s)")
    whole = seconds(program("scan", SAMPLES, *setting), runs=3)
    print(f"scan of samples/                  {whole:6.3f} s")
    corpus = SHARED / "data/evtx-attack-samples"
    if not corpus.is_dir():
        print("the recordings of attacks are not here (RMM_DETECTOR_SHARED): the rest is not measured")
        return
    files = sorted(corpus.rglob("*.evtx"))
    size = sum(path.stat().st_size for path in files)
    parsed = seconds(parse_only(files), runs=3)
    print(f"pyevtx-rs alone, {len(files)} files      {parsed:6.3f} s   {size / parsed / 1e6:5.0f} MB/s")
    for jobs in ("1", "2"):
        with tempfile.TemporaryDirectory() as folder:
            scanned = seconds(
                program("scan", corpus, *setting, "-q", "-j", jobs, "-o", Path(folder) / "report.json"), runs=3
            )
        print(f"scan of them, {jobs} worker(s)          {scanned:6.3f} s   {scanned / parsed:5.1f} x pyevtx-rs alone")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of one process        {peak:6.0f} MB")


if __name__ == "__main__":
    main()
