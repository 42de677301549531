"""Units of work to what they give: in this process when there is little to do, else in worker processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

from detector.app.digest import digest_of
from detector.app.harvest import Gathered, Gatherer, Harvest, Window, interrupted
from detector.app.units import Look, Unit
from detector.intake import STANDARD_INPUT
from detector.model.loss import Loss, LossKind
from detector.model.rule import RuleSet
from detector.rules.serial import from_bytes, to_bytes

#: Below this many bytes in all, starting workers costs more than they save.
_WORTH_WORKERS = 16 * 2**20

#: Spawned, not forked: a fork of a process with threads (the progress bar) may hang.
_SPAWN = multiprocessing.get_context("spawn")

#: Seconds between two looks at whether the user wants to stop.
_LOOK = 0.2

#: Signals that ask the whole program to stop.
_HELD = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Work:
    """What to gather by, whether the user wants to stop, and whom to tell what is read, what for, and that a unit is done."""

    rules: RuleSet
    window: Window
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
        self._work.look("Reading" if look.first else "Looking around", units)
        mine = [unit for unit in units if unit.source.path == STANDARD_INPUT]  # a worker's is another
        others = [unit for unit in units if unit not in mine] if mine else list(units)
        yield from self._here(mine, look)
        if self._jobs < 2 or len(others) < 2 or sum(unit.size for unit in others) < _WORTH_WORKERS:
            yield from self._here(others, look)
            return
        waiting = sorted(others, key=lambda unit: (not unit.digest, -unit.size))
        while waiting:
            orphans: list[Unit] = []
            yield from self._shared(waiting, look, orphans)
            for unit in orphans[: self._jobs]:  # a worker died of one of these, and took the pool with it
                yield from self._alone(unit, look)
            waiting = orphans[self._jobs :]

    def _here(self, units: Sequence[Unit], look: Look) -> Iterator[Gathered]:
        if units and self._gatherer is None:
            self._gatherer = Gatherer(self._work.rules, self._work.window, self._work.stopped)
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
        pool = None if self._work.stopped() else self._hired()
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

    def _hired(self) -> ProcessPoolExecutor | None:
        """The workers, who know the rules; none when the system has no room for them."""
        if self._pool is not None:
            return self._pool
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="rmm-detector-", ignore_cleanup_errors=True)
            rules = Path(self._folder.name) / "rules"
            if not rules.exists():
                rules.write_bytes(to_bytes(self._work.rules))
            self._flag = _SPAWN.Event()
            self._pool = ProcessPoolExecutor(self._jobs, _SPAWN, _start, (rules, self._work.window, self._flag))
        except OSError:  # no room, or no semaphores to be had
            return None
        return self._pool

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
                yield future.result()
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


def _start(rules: Path, window: Window, flag: Flag) -> None:
    """``rules`` is a file, because a parent that hands over much to a process that dies as it starts would wait for ever."""
    global _task  # noqa: PLW0603 - a pool's initializer has no other way to hand state to its tasks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop, and says so by the flag
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gatherer = Gatherer(from_bytes(rules.read_bytes(), RuleSet), window, flag.is_set)
    _task = partial(_done, gatherer, flag.is_set)


def _end_with_parent() -> None:
    """A parent that was killed cannot tell its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _gather(unit: Unit, look: Look) -> Gathered:
    assert _task is not None
    return _task(unit, look)
