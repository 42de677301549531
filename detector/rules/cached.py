"""Rules of files and folders: the one way in. pySigma is imported only when rules must be read that no cache knows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from detector.errors import Problem, RuleError
from detector.model.loss import Loss
from detector.model.rule import RuleSet
from detector.rules.cache import Cache
from detector.rules.cache_key import rules_key
from detector.rules.files import RuleFile, read_files
from detector.rules.serial import SerialError, from_bytes, to_bytes
from detector.rules.serial_classes import Loaded

_KIND = "rules"


def load_rules(paths: Sequence[Path], cache: Cache | None = None) -> tuple[RuleSet, list[Loss]]:
    """The rules of these files and folders (``.yml``, ``.yaml``, recursive), ordered by id, and what was not loaded.

    The same with a cache as without one, only sooner. Each loss (kind ``RULE``) names file, line and reason. Raises
    :class:`InputError` when a path is not there, and :class:`RuleError` when no rule at all could be loaded.
    """
    files = read_files(paths)
    if not files:
        raise RuleError([Problem(", ".join(map(str, paths)), 0, 0, "", "no rules: no .yml or .yaml file")])
    loaded = _parsed(files) if cache is None or cache.folder is None else _kept(files, cache)
    return loaded.rules, list(loaded.losses)


def _kept(files: Sequence[RuleFile | Loss], cache: Cache) -> Loaded:
    key = rules_key(files)
    kept = cache.get(_KIND, key)
    if kept is not None:
        with suppress(SerialError):
            return from_bytes(kept, Loaded)
    loaded = _parsed(files)
    with suppress(SerialError):
        cache.put(_KIND, key, to_bytes(loaded))
    return loaded


def _parsed(files: Sequence[RuleFile | Loss]) -> Loaded:
    from detector.rules.load import rules_of  # noqa: PLC0415 - pySigma is slow to import

    rules, losses = rules_of(files)
    return Loaded(rules, tuple(losses))
