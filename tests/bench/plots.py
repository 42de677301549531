"""``python -m tests.bench plots``: what one more rule, one more hit and one more worker cost, as pictures in ``docs/figures``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pygal  # type: ignore[import-untyped]  # it ships no types
from pygal.style import CleanStyle  # type: ignore[import-untyped]

from tests.bench import corpus
from tests.bench.corpus import PLACE, PUBLIC_RULES, RECORDINGS, ROOT, SAMPLES
from tests.bench.measure import alone, program

_FIGURES = ROOT / "docs/figures"
_CHUNKS = 4096  # 256 MB
_BARE = "import sys\nfrom evtx import PyEvtxParser\nfor _ in PyEvtxParser(sys.argv[1], 2).records_json(): pass"


def draw() -> None:
    """Measure and write the pictures; the ratio to the bare parser in the same run, so that machines compare."""
    chunks = corpus.full_chunks(RECORDINGS)
    clean = corpus.evtx(PLACE / "plots.evtx", chunks, _CHUNKS)
    bare = alone(_BARE, clean).seconds
    rules = dict(_of_rules(clean, bare))
    _plot("rules", "Time by number of rules", "rules", rules)
    hits = {
        share: _scan(_planted(chunks, share), "--assets", SAMPLES / "assets.yml") / bare
        for share in (0, 1, 2, 5, 10, 20, 50)
    }
    _plot("hits", "Time by blocks with hits", "% of blocks with hits", hits)
    workers = {jobs: _scan(clean, "--rules", PUBLIC_RULES, "-j", str(jobs)) / bare for jobs in (1, 2, 3, 4)}
    _plot("workers", "Time by number of workers (2 cores, 2,407 rules)", "workers", workers)


def _of_rules(log: Path, bare: float) -> Iterator[tuple[int, float]]:
    """The public rules, more and more of them, spread over all folders."""
    every = sorted(PUBLIC_RULES.rglob("*.yml"))
    for count in (1, 10, 50, 100, 200, 500, 1000, 1500, len(every)):
        with tempfile.TemporaryDirectory() as folder:
            for number, path in enumerate(every[:: max(1, len(every) // count)][:count]):
                (Path(folder) / f"{number}.yml").symlink_to(path)
            yield count, _scan(log, "--rules", folder) / bare


def _planted(chunks: list[bytes], share: int) -> Path:
    path = PLACE / f"plots-{share}.evtx"
    return corpus.evtx(path, chunks, _CHUNKS, corpus.sample_chunks() if share else (), 100 // share if share else 100)


def _scan(*arguments: str | Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return program("scan", *arguments, "-q", "-o", Path(folder) / "report.json", runs=3).seconds


def _plot(name: str, title: str, across: str, points: Mapping[int, float]) -> None:
    chart = pygal.XY(
        js=[], show_legend=False, style=CleanStyle, title=title, x_title=across, width=720, height=360,
        y_title="times the bare parser", include_x_axis=True, no_prefix=True,
    )  # fmt: skip
    chart.add("", [(x, round(y, 2)) for x, y in points.items()])
    _FIGURES.mkdir(exist_ok=True)
    (_FIGURES / f"{name}.svg").write_bytes(chart.render() + b"\n")
    print(name, {x: round(y, 2) for x, y in points.items()}, flush=True)
