"""Units of work to what they give: in this process when there is little to do, else in worker processes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

from detector.app.digest import digest_of
from detector.app.harvest import Gathered, Gatherer, Harvest, Window, interrupted
from detector.app.units import Look, Unit
from detector.intake import STANDARD_INPUT
from detector.model.loss import Loss, LossKind
from detector.model.rule import RuleSet
from detector.rules.cache import Cache
from detector.rules.serial import from_bytes, to_bytes

#: Below this many bytes in all, starting workers costs more than they save.
_WORTH_WORKERS = 16 * 2**20

_SPAWN = multiprocessing.get_context("spawn")
_FORK = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")

#: Events come and go without circles: looking for some as often as Python does would take a twentieth of the time.
_YOUNG = 50_000

#: Seconds between two looks at whether the user wants to stop.
_LOOK = 0.2

#: Signals that ask the whole program to stop.
_HELD = (signal.SIGINT, signal.SIGTERM)


def _may_fork() -> bool:
    """Whether workers may be copies of this process: on Linux, as long as nothing else (the progress bar) runs in it."""
    return sys.platform == "linux" and threading.active_count() == 1


@dataclass(frozen=True, slots=True)
class Work:
    """What to gather by, whether the user wants to stop, and whom to tell what is read, what for, and that a unit is done."""

    rules: RuleSet
    window: Window
    cache: Cache = field(default_factory=Cache)
    stopped: Callable[[], bool] = lambda: False
    look: Callable[[str, Sequence[Unit]], None] = lambda what, units: None
    done: Callable[[Unit], None] = lambda unit: None


class Crew:
    """Does units of work, a look at a time, with up to ``jobs`` worker processes that stay from look to look.

    What is missing after a stop or a crash is named as a loss.
    """

    def __init__(self, work: Work, jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._rules = {rule.id: rule for rule in (*work.rules.rules, *work.rules.correlations)}
        self._gatherer: Gatherer | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._flag: Flag | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._dismiss()
        if self._folder is not None:
            self._folder.cleanup()

    def gathered(self, units: Sequence[Unit], look: Look) -> Iterator[Gathered]:
        """What each unit gives, in no fixed order."""
        mine = [unit for unit in units if unit.source.path == STANDARD_INPUT]  # a worker's is another
        others = [unit for unit in units if unit not in mine] if mine else list(units)
        share = self._jobs > 1 and len(others) > 1 and sum(unit.size for unit in others) >= _WORTH_WORKERS
        if share and not self._work.stopped():
            self._hire(look, others)
        self._work.look("Reading" if look.first else "Looking around", units)
        yield from self._here(mine, look)
        waiting = sorted(others, key=lambda unit: (not unit.digest, -unit.size)) if share else others
        while waiting:
            orphans: list[Unit] = []
            yield from self._shared(waiting, look, orphans) if share else self._here(waiting, look)
            broken = [unit for unit in waiting if unit in orphans]
            for unit in broken[: self._jobs]:  # a worker died of one of these, and took the pool with it
                yield from self._alone(unit, look)
            waiting = broken[self._jobs :]

    def _new(self, stopped: Callable[[], bool]) -> Gatherer:
        return Gatherer(self._work.rules, self._work.window, stopped, self._work.cache)

    def _here(self, units: Sequence[Unit], look: Look) -> Iterator[Gathered]:
        if units and self._gatherer is None:
            self._gatherer = self._new(self._work.stopped)
        for unit in units:
            assert self._gatherer is not None
            yield _interrupted(unit) if self._work.stopped() else _done(self._gatherer, self._work.stopped, unit, look)
            self._work.done(unit)

    def _alone(self, unit: Unit, look: Look) -> Iterator[Gathered]:
        dead: list[Unit] = []
        yield from self._shared([unit], look, dead)
        if dead:
            yield _interrupted(unit) if self._work.stopped() else Gathered(unit, Harvest(losses=[_died(unit)]))

    def _shared(self, units: Sequence[Unit], look: Look, orphans: list[Unit]) -> Iterator[Gathered]:
        """What the workers give; the units of one that died, and of those beside it, go to ``orphans``."""
        pool = None if self._work.stopped() else self._pool or self._hire(look, units)
        if pool is None or self._flag is None:
            yield from self._here(units, look)
            return
        try:
            with _signals_held():
                futures = {pool.submit(_gather, unit, look): unit for unit in units}
        except OSError:  # no process to be had: a limit of the system
            self._dismiss()
            yield from self._here(units, look)
            return
        try:
            yield from self._collected(futures, self._flag, orphans)
        except BaseException:  # Ctrl-C again: nobody waits for what the workers still have
            self._flag.set()
            pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
            raise
        if orphans:
            self._dismiss()

    def _hire(self, look: Look, units: Sequence[Unit]) -> ProcessPoolExecutor | None:
        """The workers, who know the rules; none when the system has no room for them."""
        if self._pool is not None:
            return self._pool
        try:
            self._pool = self._copies(look, units) if _may_fork() else self._strangers()
        except OSError:  # no room, no process or no semaphores to be had
            self._dismiss()
        return self._pool

    def _copies(self, look: Look, units: Sequence[Unit]) -> ProcessPoolExecutor:
        """Copies of this process: what they need is made before, once, and they have it at once."""
        self._flag = _FORK.Event()
        gatherer = self._new(self._flag.is_set)
        forms = {"ndjson" if unit.part.stretch is None else "evtx" for unit in units if unit.part is not None}
        gatherer.prepare(look, sorted(forms))
        gc.freeze()  # what is there now need not be looked through by each of them, which would copy it
        pool = ProcessPoolExecutor(self._jobs, _FORK, _begin, (gatherer, self._flag))
        with _signals_held():
            pool.submit(os.getpid)
        return pool

    def _strangers(self) -> ProcessPoolExecutor:
        """Processes begun anew. They read the rules from a file, because a parent that hands over much to a process that dies as
        it starts would wait for ever.
        """
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="rmm-detector-", ignore_cleanup_errors=True)
        rules = Path(self._folder.name) / "rules"
        if not rules.exists():
            rules.write_bytes(to_bytes(self._work.rules))
        self._flag = _SPAWN.Event()
        known = (rules, self._work.window, self._work.cache.folder, self._flag)
        return ProcessPoolExecutor(self._jobs, _SPAWN, _start, known)

    def _dismiss(self) -> None:
        if self._pool is not None and self._flag is not None:
            self._flag.set()
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def _collected(
        self, futures: Mapping[Future[Gathered], Unit], flag: Flag, orphans: list[Unit]
    ) -> Iterator[Gathered]:
        for future in _finished(set(futures), self._work.stopped, flag):
            unit = futures[future]
            try:
                gathered = future.result()
                gathered.harvest.folder.unpacked(self._rules)
                yield gathered
            except CancelledError:
                yield _interrupted(unit)
            except BrokenProcessPool:
                orphans.append(unit)
                continue
            self._work.done(unit)


def _done(gatherer: Gatherer, stopped: Callable[[], bool], unit: Unit, look: Look) -> Gathered:
    return digest_of(unit, stopped) if unit.digest else gatherer.gather(unit, look)


def _interrupted(unit: Unit) -> Gathered:
    return Gathered(unit, Harvest(losses=[interrupted(unit.source)]))


def _died(unit: Unit) -> Loss:
    part = "" if unit.part is None else f": bytes {unit.part.start} to {unit.part.end}"
    why = "the process that read this died (out of memory, or a crash in a decoder); everything else was read"
    return Loss(LossKind.WORKER, unit.source.path + part, why)


def _finished(waiting: set[Future[Gathered]], stopped: Callable[[], bool], flag: Flag) -> Iterator[Future[Gathered]]:
    """Futures as they finish. A stop cancels what has not begun and tells the workers to hand over what they have."""
    while waiting:
        done, waiting = wait(waiting, timeout=_LOOK, return_when=FIRST_COMPLETED)
        yield from done
        if stopped() and not flag.is_set():
            flag.set()
            for future in waiting:
                future.cancel()


@contextmanager
def _signals_held() -> Iterator[None]:
    """A worker that is still starting must not die of the Ctrl-C meant for its parent: it inherits what is held."""
    if hasattr(signal, "pthread_sigmask"):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        yield


_task: Callable[[Unit, Look], Gathered] | None = None  # of a worker process


def _start(rules: Path, window: Window, cache: Path | None, flag: Flag) -> None:
    _begin(Gatherer(from_bytes(rules.read_bytes(), RuleSet), window, flag.is_set, Cache(cache)), flag)


def _begin(gatherer: Gatherer, flag: Flag) -> None:
    global _task  # noqa: PLW0603 - a pool's initializer has no other way to hand state to its tasks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop, and says so by the flag
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(_YOUNG)
    _task = partial(_done, gatherer, flag.is_set)


def _end_with_parent() -> None:
    """A parent that was killed cannot tell its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _gather(unit: Unit, look: Look) -> Gathered:
    assert _task is not None
    gathered = _task(unit, look)
    gathered.harvest.folder.packed()
    return gathered
