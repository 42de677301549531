"""Scans with and without the block screen, by one crew, with nothing read as a sample and small blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from detector.app import harvest
from detector.app.harvest import Window
from detector.app.judge import Case, judged
from detector.app.looks import Looks
from detector.app.scan import load_setting
from detector.app.workers import Crew, Work
from detector.intake import Source, discover, evtx_log, json_log, lines, parts
from detector.intake.chunk import CHUNK
from detector.model.report import Run
from detector.model.rule import RuleSet
from detector.render import document
from detector.rules import builtin_rules, load_rules
from detector.screen import RoutedSieve, Sieve, Wanted, sieve

_RUN = Run("0", "", 0, None, None, (), None, None)
_SMALL_BLOCK = 4096

Document = dict[str, Any]


@contextmanager
def unsampled(*, part: int | None = None) -> Iterator[None]:
    """No block is read whole as a sample; blocks of lines are small, and so are parts, if asked for."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (evtx_log, json_log):
            patch.setattr(module, "is_sample", lambda number: False)
        patch.setattr(lines, "_BLOCK", _SMALL_BLOCK)
        patch.setattr(parts, "PART", part or parts.PART)
        patch.setattr(harvest, "sieve", _kept)
        yield


SMALL_PART = CHUNK
_made: dict[Wanted, Sieve | RoutedSieve] = {}


def _kept(wanted: Wanted, rules: RuleSet, *_: Any) -> Sieve | RoutedSieve:
    """A sieve for the pack: compiling it takes longer than any scan here."""
    if wanted not in _made:
        _made[wanted] = sieve(wanted, rules)
    return _made[wanted]


@cache
def pack() -> RuleSet:
    return load_rules([builtin_rules()])[0]


class Company:
    """Scans by one inventory and policy."""

    def __init__(self, folder: Path, jobs: int = 1) -> None:
        self._setting = load_setting(folder / "assets.yml", folder / "policy.yml")
        self._crew = Crew(Work(pack(), Window()), jobs)

    def scanned(self, paths: Iterable[Path], *, prefilter: bool = True) -> Document:
        """The report document."""
        sources = [one for one in discover([str(path) for path in paths]) if isinstance(one, Source)]
        with self._crew:
            whole, lost = Looks(self._crew, pack(), self._setting, prefilter=prefilter, hash_all=True).harvest(sources)
        return document(judged(whole, Case(pack(), self._setting, _RUN), lost))


def check_alike(screened: Document, whole: Document) -> None:
    """ "the incidents and findings are the same" (docs/report.md), and so is what is told of inputs, as far as it can be."""
    assert screened["findings"] == whole["findings"]
    assert screened["incidents"] == whole["incidents"]
    assert len(screened["inputs"]) == len(whole["inputs"])
    for one, other in zip(screened["inputs"], whole["inputs"], strict=True):
        untimed = {"first_seen": None, "last_seen": None}
        assert one | untimed == other | untimed, (one, other)
        if one["kind"] == "evtx":  # the heads of chunks tell it
            assert one == other
        elif one["first_seen"] is not None:
            assert other["first_seen"] <= one["first_seen"] <= one["last_seen"] <= other["last_seen"]
