"""Sources to harvests: in this process when there is little to do, else in worker processes, a source at a time."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Flag

from detector.app.harvest import Gatherer, Harvest, Window, interrupted
from detector.intake import Source
from detector.model.loss import Loss, LossKind
from detector.model.rule import RuleSet

#: Below this many bytes in all, starting workers costs more than they save.
_WORTH_WORKERS = 16 * 2**20

#: Spawned, not forked: a fork of a process with threads (the progress bar) may hang.
_SPAWN = multiprocessing.get_context("spawn")

#: Seconds between two looks at whether the user wants to stop.
_LOOK = 0.2


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
    flag = _SPAWN.Event()
    orphans: list[Source] = []
    yield from _pool(sorted(sources, key=lambda source: (-source.size, source.path)), work, jobs, flag, orphans)
    for source in orphans:  # a worker died and took the pool with it: each of these again, alone
        dead: list[Source] = []
        yield from _pool([source], work, 1, flag, dead)
        if dead:
            why = "the process that read this died (out of memory, or a crash in a decoder); everything else was read"
            yield Harvest(losses=[Loss(LossKind.WORKER, source.path, why)])


def _pool(sources: Sequence[Source], work: Work, jobs: int, flag: Flag, orphans: list[Source]) -> Iterator[Harvest]:
    with ProcessPoolExecutor(jobs, _SPAWN, _start, (work.rules, work.window, flag)) as pool:
        futures = {pool.submit(_gather, source): source for source in sources}
        for future in _finished(set(futures), work.stopped, flag):
            source = futures[future]
            try:
                yield future.result()
            except CancelledError:
                yield Harvest(losses=[interrupted(source)])
            except BrokenProcessPool:
                orphans.append(source)
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


_gatherer: Gatherer | None = None  # of a worker process


def _start(rules: RuleSet, window: Window, flag: Flag) -> None:
    global _gatherer  # noqa: PLW0603 - a pool's initializer has no other way to hand state to its tasks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop, and says so by the flag
    _gatherer = Gatherer(rules, window, flag.is_set)


def _gather(source: Source) -> Harvest:
    assert _gatherer is not None
    return _gatherer.gather(source)
