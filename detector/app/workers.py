"""Sources to harvests: in this process when there is little to do, else in worker processes, a source at a time."""

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
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

from detector.app.harvest import Gatherer, Harvest, Window, interrupted
from detector.intake import STANDARD_INPUT, Source
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
    """What to gather by, whether the user wants to stop, and whom to tell that a source is done."""

    rules: RuleSet
    window: Window
    stopped: Callable[[], bool] = lambda: False
    done: Callable[[Source], None] = lambda source: None


def gathered(sources: Sequence[Source], work: Work, *, jobs: int) -> Iterator[Harvest]:
    """A harvest for every source, in no fixed order. What is missing after a stop or a crash is named as a loss."""
    if jobs > 1 and len(sources) > 1 and sum(source.size for source in sources) >= _WORTH_WORKERS:
        return _in_workers(sources, work, jobs)
    return _here(sources, work)


def _here(sources: Sequence[Source], work: Work) -> Iterator[Harvest]:
    gatherer = Gatherer(work.rules, work.window, work.stopped)
    for source in sources:
        yield Harvest(losses=[interrupted(source)]) if work.stopped() else gatherer.gather(source)
        work.done(source)


def _in_workers(sources: Sequence[Source], work: Work, jobs: int) -> Iterator[Harvest]:
    mine = [source for source in sources if source.path == STANDARD_INPUT]  # a worker's is another
    yield from _here(mine, work)
    biggest_first = sorted((one for one in sources if one not in mine), key=lambda one: (-one.size, one.path))
    try:
        folder = tempfile.TemporaryDirectory(prefix="rmm-detector-", ignore_cleanup_errors=True)
    except OSError:
        yield from _here(biggest_first, work)
        return
    with folder as name:
        waiting = biggest_first
        while waiting:
            orphans: set[Source] = set()
            yield from _pool(waiting, work, jobs, Path(name), orphans)
            broken = [source for source in waiting if source in orphans]
            for source in broken[:jobs]:  # a worker died of one of these, and took the pool with it
                yield from _alone(source, work, Path(name))
            waiting = broken[jobs:]


def _alone(source: Source, work: Work, folder: Path) -> Iterator[Harvest]:
    dead: set[Source] = set()
    yield from _pool([source], work, 1, folder, dead)
    if dead:
        yield Harvest(losses=[interrupted(source) if work.stopped() else _died(source)])


def _died(source: Source) -> Loss:
    why = "the process that read this died (out of memory, or a crash in a decoder); everything else was read"
    return Loss(LossKind.WORKER, source.path, why)


def _pool(sources: Sequence[Source], work: Work, jobs: int, folder: Path, orphans: set[Source]) -> Iterator[Harvest]:
    """Harvests of workers; the sources of one that died, and of those beside it, go to ``orphans``."""
    if work.stopped():
        yield from _here(sources, work)
        return
    rules = folder / "rules"
    try:
        rules.write_bytes(to_bytes(work.rules))
        flag = _SPAWN.Event()
        pool = ProcessPoolExecutor(jobs, _SPAWN, _start, (rules, work.window, flag))
    except OSError:  # no room, or no semaphores to be had
        yield from _here(sources, work)
        return
    with pool:
        try:
            with _signals_held():
                futures = {pool.submit(_gather, source): source for source in sources}
        except OSError:  # no process to be had: a limit of the system
            flag.set()
            pool.shutdown(cancel_futures=True)
            yield from _here(sources, work)
            return
        try:
            yield from _harvests(futures, work, flag, orphans)
        except BaseException:  # Ctrl-C again: nobody waits for what the workers still have
            flag.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _harvests(
    futures: Mapping[Future[Harvest], Source], work: Work, flag: Flag, orphans: set[Source]
) -> Iterator[Harvest]:
    for future in _finished(set(futures), work.stopped, flag):
        source = futures[future]
        try:
            yield future.result()
        except CancelledError:
            yield Harvest(losses=[interrupted(source)])
        except BrokenProcessPool:
            orphans.add(source)
            continue
        work.done(source)


def _finished(waiting: set[Future[Harvest]], stopped: Callable[[], bool], flag: Flag) -> Iterator[Future[Harvest]]:
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


_gatherer: Gatherer | None = None  # of a worker process


def _start(rules: Path, window: Window, flag: Flag) -> None:
    """``rules`` is a file, because a parent that hands over much to a process that dies as it starts would wait for ever."""
    global _gatherer  # noqa: PLW0603 - a pool's initializer has no other way to hand state to its tasks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop, and says so by the flag
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _gatherer = Gatherer(from_bytes(rules.read_bytes(), RuleSet), window, flag.is_set)


def _end_with_parent() -> None:
    """A parent that was killed cannot tell its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _gather(source: Source) -> Harvest:
    assert _gatherer is not None
    return _gatherer.gather(source)
