"""``scan``: exported logs in, a report out. Nothing is written but the cache of rules, and no network is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from detector import __version__
from detector.app.harvest import Harvest, Window
from detector.app.judge import Case, inputs, judged, quoted
from detector.app.looks import Looks
from detector.app.units import Unit
from detector.app.workers import Crew, Work
from detector.config import load_inventory, load_policy
from detector.intake import Source, discover
from detector.model.asset import Inventory
from detector.model.loss import Loss, LossKind
from detector.model.report import Report, Run
from detector.model.rule import RuleSet
from detector.rules import builtin_rules, load_catalogue, load_rules
from detector.rules.cache import Cache
from detector.triage.walk import Setting


@dataclass(frozen=True, slots=True)
class Request:
    """What to scan, and by what. ``rules`` empty: the built-in pack. ``jobs`` 0: one worker a core; without
    ``prefilter`` every record is decoded and judged by every rule. No ``cache``: none. ``hash_all``: the digest of every
    file, of large ones in which nothing was found, too. ``every_tool``: look for all that tools do, ordinary or not, whatever
    the policy names.
    """

    paths: tuple[str, ...]
    assets: Path | None = None
    policy: Path | None = None
    rules: tuple[Path, ...] = ()
    window: Window = field(default_factory=Window)
    jobs: int = 0
    prefilter: bool = True
    cache: Cache = field(default_factory=Cache)
    hash_all: bool = False
    every_tool: bool = False


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who looks on: told what there is, what is read and what for, and what is done; asked whether to stop."""

    begin: Callable[[Sequence[Source]], None] = lambda sources: None
    look: Callable[[str, Sequence[Unit]], None] = lambda what, units: None
    done: Callable[[Unit], None] = lambda unit: None
    stopped: Callable[[], bool] = lambda: False


def scan(request: Request, watcher: Watcher | None = None) -> Report:
    """Read everything named, match, judge, tell.

    Raises ``ConfigError``, ``RuleError`` or ``InputError`` before anything is read; from then on whatever goes wrong is
    a loss in the report.
    """
    with reading(request, watcher or Watcher()) as found:
        report = judged(found.harvest, found.case, found.losses)
        found.looks.hash(found.harvest, quoted(report))
    return replace(report, inputs=inputs(found.harvest))


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, before it is judged; ``looks`` can read on while it is held."""

    harvest: Harvest
    case: Case
    losses: list[Loss]
    looks: Looks


@contextmanager
def reading(request: Request, watcher: Watcher) -> Iterator[Found]:
    """Everything that was found. Raises what :func:`scan` raises."""
    setting = load_setting(request.assets, request.policy, request.cache)
    rules, rule_losses = load_rules(request.rules or (builtin_rules(),), request.cache)
    found = discover(request.paths)
    sources = [one for one in found if isinstance(one, Source)]
    watcher.begin(sources)
    work = Work(rules, request.window, request.cache, watcher.stopped, watcher.look, watcher.done)
    case = Case(rules, setting, _run(request, rules, setting))
    with Crew(work, request.jobs or os.cpu_count() or 1) as crew:
        looks = Looks(
            crew,
            rules,
            setting,
            prefilter=request.prefilter,
            hash_all=request.hash_all,
            every_tool=request.every_tool,
        )
        whole, not_counted = looks.harvest(sources)
        unread = [one for one in found if isinstance(one, Loss)]
        if not whole.losses and not unread and not whole.judged:
            # An export that failed must not pass as clean.
            why = "no record lies in the time asked for" if whole.records else "no log with a record was found there"
            whole.losses.append(Loss(LossKind.EMPTY, ", ".join(sorted(request.paths)), why))
        yield Found(whole, case, [*rule_losses, *unread, *not_counted], looks)


def load_setting(assets: Path | None, policy: Path | None, cache: Cache | None = None) -> Setting:
    """The inventory, policy and tool catalogue to judge by. Raises ``ConfigError``."""
    catalogue = load_catalogue(cache)
    inventory = load_inventory(assets) if assets is not None else Inventory()
    return Setting(inventory, load_policy(policy, inventory, catalogue) if policy is not None else None, catalogue)


def _run(request: Request, rules: RuleSet, setting: Setting) -> Run:
    return Run(
        version=__version__,
        rules=rules.digest,
        rule_count=len(rules.rules) + len(rules.correlations),
        assets=setting.inventory.digest or None,
        policy=setting.policy.digest if setting.policy is not None else None,
        scope=tuple(sorted(set(request.paths))),
        since=request.window.since,
        until=request.window.until,
    )
