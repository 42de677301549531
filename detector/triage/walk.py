"""From the hits of a run to what was done and where it led: every use decided, every movement resolved, the road followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from detector.model.asset import Inventory
from detector.model.hit import Hit
from detector.model.policy import Policy
from detector.model.rule import Role
from detector.model.tool import Catalogue
from detector.triage.fold import Folder, Group
from detector.triage.guess import guesses
from detector.triage.identity import Directory
from detector.triage.movement import Movement, movements
from detector.triage.pairing import paired
from detector.triage.reach import Presence, Road, follow
from detector.triage.sighting import AddressBook
from detector.triage.uses import Use, counts_as_use, judged_uses, presences


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is judged by."""

    inventory: Inventory
    policy: Policy | None
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Walk:
    """What is known before it is told. ``seeds`` are the machines on which somebody may act through a tool, and when."""

    directory: Directory
    groups: Sequence[Group]
    hits: Sequence[Hit]
    uses: Sequence[Use]
    seeds: Mapping[str, Sequence[Presence]]
    moves: Sequence[Movement]
    road: Road


def walked(folder: Folder, book: AddressBook, setting: Setting) -> Walk:
    """Decide every use and follow the road from there. The same hits give the same walk, in whatever order they came."""
    groups = list(folder.groups())
    hits = [hit for group in groups for hit in group.finished()]
    inventory = _inventory(setting.inventory, hits, book)
    directory = Directory(inventory, book)
    moves = _moves(hits, directory)
    if learnt := paired(moves):
        directory = Directory(inventory, book.with_also(learnt))
        moves = _moves(hits, directory)
    of_tools = [hit for hit in hits if hit.rule.role is Role.USE or hit.rule.tool is not None]
    judged = judged_uses(of_tools, setting.policy, directory, setting.catalogue)
    uses = [use for use in judged if use.told.hit.rule.role is Role.USE or counts_as_use(use)]
    seeds = presences(uses, setting.policy)
    return Walk(directory, groups, hits, uses, seeds, moves, follow(seeds, moves, setting.policy, directory))


def _moves(hits: Sequence[Hit], directory: Directory) -> list[Movement]:
    return [move for hit in hits for move in movements(hit, directory)]


def _inventory(given: Inventory, hits: Sequence[Hit], book: AddressBook) -> Inventory:
    """The inventory that was given; where it lists no asset, the machines that may be some."""
    if given.assets:
        return given
    found = guesses(hits, book)
    return replace(given, assets=tuple(one.asset for one in found), guessed={one.asset.name: one.why for one in found})
