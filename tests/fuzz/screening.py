"""The block screen against none: what is found by way of it is what is found when everything is decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from zlib import crc32

import orjson

from detector.app.harvest import Gatherer, Window
from detector.app.looks import Looks
from detector.app.scan import load_setting
from detector.app.units import Look, Unit
from detector.app.workers import Crew, Work
from detector.intake import Source
from detector.screen import RoutedSieve, Sieve, Wanted
from detector.synth.winlogbeat import document
from detector.triage.tell import Telling, tell
from detector.triage.walk import Setting
from tests.conftest import ROOT
from tests.fuzz.evidence import rules, told
from tests.fuzz.log_bytes import as_file

#: Bytes of JSON that are looked at as one.
_BLOCKS = (1 << 16, 3000, 1000)
#: One input in so many is read beside a story that it may belong to: then there is something to look for again.
_BESIDE = 16


class _Bench:
    """What both ways are made with once."""

    @cached_property
    def gatherer(self) -> Gatherer:
        return Gatherer(rules(), Window())

    @cached_property
    def routed(self) -> Gatherer:
        return Gatherer(rules(), Window())

    @cached_property
    def everything(self) -> Look:
        """Every rule by its own literals."""
        return Look(Wanted(tuple(range(len(rules().rules)))))

    @cached_property
    def setting(self) -> Setting:
        return load_setting(ROOT / "samples/assets.yml", ROOT / "samples/policy.yml")

    @cached_property
    def story(self) -> Path:
        """The sample stories' events, as Winlogbeat writes them."""
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name) / "story.ndjson"
        path.write_bytes(
            b"".join(orjson.dumps(document(event)) + b"\n" for event in sorted(told(), key=lambda one: one.time))
        )
        return path

    @cached_property
    def screened(self) -> Looks:
        return Looks(Crew(Work(rules(), Window()), 1), rules(), self.setting)

    @cached_property
    def unscreened(self) -> Looks:
        return Looks(Crew(Work(rules(), Window()), 1), rules(), self.setting, prefilter=False)


_bench = cache(_Bench)


def same_either_way(data: bytes) -> None:
    """Fail when the screen leaves out a hit of any rule, or a scan tells something else."""
    block = _BLOCKS[crc32(data) % len(_BLOCKS)]
    with as_file(data) as path:
        with _at_work(block):
            decoded = _hits(path, _bench().gatherer, Look())
            assert _hits(path, _bench().gatherer, _bench().everything) == decoded, "the hits"
            beside = [_bench().story] if crc32(data) % _BESIDE == 0 else []
            screened, unscreened = (_told([path, *beside], one) for one in (_bench().screened, _bench().unscreened))
            assert screened.findings == unscreened.findings, "the findings"
            assert screened.incidents == unscreened.incidents, "the incidents"
        with _at_work(block, routed=True):
            assert _hits(path, _bench().routed, _bench().everything) == decoded, "the hits, by route"


@contextmanager
def _at_work(block: int, *, routed: bool = False) -> Iterator[None]:
    """The first blocks of a file are read whole as samples: not here, and blocks of lines are as short as their file.

    A run makes each sieve once, of the kind that its number of rules asks for; here each is kept for the next input.
    """
    with (
        patch("detector.intake.lines._BLOCK", block),
        patch("detector.intake.evtx_log.is_sample", return_value=False),
        patch("detector.intake.json_log.is_sample", return_value=False),
        patch("detector.app.harvest.sieve", lambda wanted, *_: _made(routed, wanted)),
    ):
        yield


@lru_cache(maxsize=50)
def _made(routed: bool, wanted: Wanted) -> Sieve | RoutedSieve:
    return RoutedSieve(wanted, rules()) if routed else Sieve(wanted, rules().rules)


def _hits(path: Path, gatherer: Gatherer, look: Look) -> list[str]:
    source = Source(str(path), path.stat().st_size)
    folder = gatherer.gather(Unit(source), look).harvest.folder
    hits = [hit for group in folder.groups() for hit in group.finished()]
    return sorted(f"{hit.rule.id} {hit.event.ref} {hit.fields}" for hit in hits)


def _told(paths: Sequence[Path], looks: Looks) -> Telling:
    whole, _ = looks.harvest([Source(str(path), path.stat().st_size) for path in paths])
    return tell(whole.folder, whole.book, _bench().setting)
