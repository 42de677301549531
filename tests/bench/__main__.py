"""``make bench``: each figure that was asked for, measured in this one run, as a ratio where one helps.

Nothing here is a test: machines are small and noisy. ``RMM_DETECTOR_BENCH`` is where the inputs are kept (``.bench/``),
``RMM_DETECTOR_BENCH_GB`` how large the large ones are (4); ``plots`` as an argument draws what stands in ``docs/`` instead.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from detector.intake.chunk import CHUNK
from tests.bench import corpus, noise
from tests.bench.corpus import PLACE, PUBLIC_RULES, RECORDINGS, SAMPLES
from tests.bench.measure import Run, alone, process, program

SETTING = ("--assets", SAMPLES / "assets.yml", "--policy", SAMPLES / "policy.yml")
BARE_EVTX = """
import sys
from evtx import PyEvtxParser
for record in PyEvtxParser(sys.argv[1], 2).records_json():
    pass
"""
BARE_FOLDER = """
import pathlib, sys
from evtx import PyEvtxParser
for path in pathlib.Path(sys.argv[1]).rglob("*.evtx"):
    records = PyEvtxParser(str(path)).records_json()
    while True:
        try:
            next(records)
        except StopIteration:
            break
        except RuntimeError:
            continue
"""
BARE_JSON = """
import sys, orjson
for line in open(sys.argv[1], "rb"):
    orjson.loads(line)
"""
GIGABYTES = float(os.environ.get("RMM_DETECTOR_BENCH_GB", "4"))


def scan(*arguments: str | Path, runs: int = 3) -> Run:
    """A scan whose report goes to a file that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return program("scan", *arguments, "-q", "-o", Path(folder) / "report.json", runs=runs)


def show(what: str, run: Run, size: float = 0.0, against: Run | None = None, wanted: str = "") -> None:
    """One line."""
    rate = f"{size / run.seconds / 1e6:6.0f} MB/s" if size else ""
    ratio = (
        f"{run.seconds / against.seconds:6.2f} x, {against.seconds / run.seconds:5.2f} times as fast" if against else ""
    )
    print(
        f"{what:<58} {run.seconds:7.2f} s {rate:>12} {run.memory:5.0f} MB  {ratio}{'  ' + wanted if wanted else ''}",
        flush=True,
    )


def start_up() -> None:
    """What any run costs."""
    python = alone("pass", runs=5)
    show("python -c pass", python)
    show("rmm-detector --help", program("--help", runs=5), against=python)
    small = min(SAMPLES.rglob("*.evtx"), key=lambda path: path.stat().st_size)
    show("scan of one small file", scan(small, *SETTING, runs=5))
    show("scan of samples/", scan(SAMPLES, *SETTING))
    if PUBLIC_RULES.is_dir():
        show(
            "scan of one small file, 2,407 rules, second run",
            scan(small, "--rules", PUBLIC_RULES),
            wanted="(under 1 s)",
        )


def evtx_logs() -> None:
    """EVTX without and with hits, by the built-in pack and by thousands of rules, against the parser alone."""
    chunks = corpus.full_chunks(RECORDINGS)
    count = int(GIGABYTES * 2**30) // CHUNK
    clean = corpus.evtx(PLACE / f"clean-{count}.evtx", chunks, count)
    planted = corpus.evtx(PLACE / f"planted-{count}.evtx", chunks, count, corpus.sample_chunks())
    size = clean.stat().st_size
    bare = alone(BARE_EVTX, clean)
    show("EVTX: pyevtx-rs alone, two threads", bare, size)
    show("EVTX without hits, built-in pack", scan(clean, *SETTING), size, bare, "(2 times as fast)")
    show("EVTX, hits in 1% of the blocks, built-in pack", scan(planted, *SETTING), size, bare, "(as fast)")
    show("EVTX without hits, built-in pack, no assets", scan(clean), size, bare)
    dense = corpus.evtx(PLACE / f"clean-{count // 2}.evtx", chunks, count // 2)
    bare = alone(BARE_EVTX, dense)
    show("EVTX, half as large: pyevtx-rs alone, two threads", bare, dense.stat().st_size)
    show(
        "EVTX, half as large: 2,407 rules",
        scan(dense, "--rules", PUBLIC_RULES),
        dense.stat().st_size,
        bare,
        "(at most 8 x)",
    )


def json_logs() -> None:
    """Winlogbeat against orjson."""
    chunks = corpus.full_chunks(RECORDINGS)
    one = corpus.evtx(PLACE / "one.evtx", chunks, len(chunks))
    lines = corpus.winlogbeat(PLACE / f"clean-{GIGABYTES:g}.ndjson", one, int(GIGABYTES * 2**30))
    bare = alone(BARE_JSON, lines)
    show("Winlogbeat: orjson.loads of every line", bare, lines.stat().st_size)
    show(
        "Winlogbeat without hits, built-in pack", scan(lines, *SETTING), lines.stat().st_size, bare, "(4 times as fast)"
    )


def memory() -> None:
    """The same log, a hundred times as large."""
    chunks = corpus.full_chunks(RECORDINGS)
    for megabytes in (100, 1_000, 10_000):
        count = megabytes * 10**6 // CHUNK
        path = corpus.evtx(PLACE / f"planted-{count}.evtx", chunks, count, corpus.sample_chunks())
        run = scan(path, *SETTING, runs=1)
        show(f"EVTX with hits, {megabytes:,} MB", run, path.stat().st_size, wanted="(memory under 400 MB)")


def recordings() -> None:
    """The 277 recordings as they are: small files."""
    bare = alone(BARE_FOLDER, RECORDINGS)
    show("277 small EVTX files: pyevtx-rs alone", bare)
    show("277 small EVTX files, built-in pack", scan(RECORDINGS, *SETTING), against=bare)
    show("277 small EVTX files, 2,407 rules", scan(RECORDINGS, "--rules", PUBLIC_RULES), against=bare)


def telling() -> None:
    """Incidents of very many findings, and of twice as many: what grows with them grows in a straight line."""
    before = None
    for count in (50_000, 100_000):
        run = process([sys.executable, "-m", "tests.bench.telling", str(count), str(count // 10)], runs=1)
        show(f"telling {count:,} different findings, {count // 10:,} ways", run, against=before)
        before = run
    print("  (1,000,000 and 100,000: under 60 s and 2,000 MB are wanted)", flush=True)


def main(arguments: Sequence[str]) -> None:
    """Print the figures, or draw the plots."""
    if arguments == ["plots"]:
        from tests.bench.plots import draw  # noqa: PLC0415 - the library is large

        draw()
        return
    start_up()
    noise.measure()
    telling()
    if not RECORDINGS.is_dir():
        print("the recordings of attacks are not here (RMM_DETECTOR_SHARED): the rest is not measured")
        return
    recordings()
    evtx_logs()
    json_logs()
    memory()


if __name__ == "__main__":
    main(sys.argv[1:])
