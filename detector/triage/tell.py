"""From the hits of a run to its findings and incidents: decide every use, follow the roads, tell each as a story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from detector.model.finding import Finding
from detector.model.hit import Hit
from detector.model.incident import Incident
from detector.model.policy import Decision, Verdict
from detector.model.rule import Action, Phase
from detector.triage.findings import Told, findings_of
from detector.triage.fold import Folder, Group
from detector.triage.identity import Directory
from detector.triage.movement import Movement
from detector.triage.reach import Road, Step
from detector.triage.sighting import AddressBook
from detector.triage.story import Chapter, edges_of, incident_of
from detector.triage.threads import Stay, Thread, Weave
from detector.triage.trespass import trespasses
from detector.triage.uses import ways_in
from detector.triage.walk import Setting, walked

#: What an intruder does where he is; ordinary work alone. Movement is told by the road it is a step of.
_SURROUNDINGS = frozenset(Phase) - {Phase.MOVEMENT}


@dataclass(frozen=True, slots=True)
class Telling:
    """All findings and incidents of a run, in time order."""

    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]


def tell(folder: Folder, book: AddressBook, setting: Setting) -> Telling:
    """Judge and tell everything a run found. The same hits give the same telling, in whatever order they came."""
    walk = walked(folder, book, setting)
    weave = Weave(walk.seeds)
    weave.add(walk.road.steps)
    told = {id(use.told.hit): use.told for use in walk.uses}
    context = [hit for hit in walk.hits if id(hit) not in told]
    tried = {id(move.hit): move for move in walk.moves if (move.failed and move.asset is not None) or _parks(move)}
    ways = ways_in(walk.uses)
    told |= _told_context(context, tried, walk.road, walk.directory)
    pages = [
        _Page(
            finding,
            part,
            walk.directory.here(part[0].hit.event),
            any(id(one.hit) in ways for one in part),
            tried.get(id(part[0].hit)),
        )
        for finding, part in _findings(walk.groups, told)
    ]
    return _Teller(replace(setting, inventory=walk.directory.inventory), weave, walk.road, pages).telling()


def _told_context(
    hits: Sequence[Hit], tried: Mapping[int, Movement], road: Road, directory: Directory
) -> dict[int, Told]:
    """Context hits worth telling: steps of a road, touches of assets, and what was done where an intruder was."""
    told: dict[int, Told] = {}
    asked = Phase.DISCOVERY  # who asks after an asset and follows no road has not touched it
    for step in (*road.steps, *(touch for touch in road.touches if touch.move.hit.rule.phase is not asked)):
        asset = step.move.asset.name if step.move.asset else None
        kept = told.get(id(step.move.hit))
        if kept is None or (kept.asset is None and asset is not None):
            told[id(step.move.hit)] = Told(step.move.hit, step.decision, asset, step.move.hit.rule.action)
    for hit in hits:
        if id(hit) not in told and (hit.rule.phase in _SURROUNDINGS or id(hit) in tried):
            move = tried.get(id(hit))
            host = move.origin if move else directory.here(hit.event)
            grip = road.grips.get(host)
            span = grip.holding(hit.event.time, hit.event.text("User")) if grip else None
            if span and not span.lent:
                because = f"ordinary alone; told because it was done while {host} was in other hands"
                told[id(hit)] = Told(hit, Decision(Verdict.UNKNOWN, None, because), None, hit.rule.action)
    wanted = {id(hit) for hit in hits}
    return {key: one for key, one in told.items() if key in wanted}


def _parks(move: Movement) -> bool:
    """Whether a model file goes to or comes from a share of a machine that is no asset: copies wait there to be taken on."""
    return move.asset is None and move.hit.rule.phase is Phase.COLLECTION and move.event.ref.event_id == 5145


@dataclass(frozen=True, slots=True)
class _Page:
    """One finding with the hits it stands for.

    ``machine``: where it happened, as roads name it. ``way_in``: it is the allowed session in which something not allowed
    was done. ``tried``: a failed way to an asset, or a model file parked on a share: told by where it came from.
    """

    finding: Finding
    told: tuple[Told, ...]
    machine: str
    way_in: bool
    tried: Movement | None


def _findings(groups: Iterable[Group], told: Mapping[int, Told]) -> list[tuple[Finding, tuple[Told, ...]]]:
    found = []
    for group in groups:
        ours = [told[id(hit)] for hit in group.finished() if id(hit) in told]
        found += [(finding, tuple(part)) for finding, part in findings_of(group, ours)]
    return sorted(found, key=lambda one: (one[0].time, one[0].id))


def _is_allowed_use(page: _Page) -> bool:
    return page.told[0].use and page.finding.decision.verdict is Verdict.ALLOWED


class _Teller:
    """Deals the pages out to the threads they belong to, and tells each thread that has something to raise."""

    def __init__(self, setting: Setting, weave: Weave, road: Road, pages: Sequence[_Page]) -> None:
        self.setting = setting
        self.weave = weave
        self.road = road
        self.pages = pages
        #: Touches of assets that were judged, but are no step from a machine with the tool: other people's business.
        self.touching = {id(step.move.hit) for step in road.touches}
        self.by_hit = {id(one.hit): page for page in pages for one in page.told}

    def telling(self) -> Telling:
        dealt: dict[Stay, list[_Page]] = defaultdict(list)
        threads = self.weave.threads()
        stepped = {id(step.move.hit): lead for lead, thread in threads.items() for step in thread.steps}
        for page in self.pages:
            for lead in self._leads_of(page, stepped):
                dealt[lead].append(page)
        incidents = []
        for lead, thread in threads.items():
            chapter = self._chapter(thread, dealt[lead])
            if chapter is not None:
                setting = self.setting
                incidents.append(incident_of(chapter, setting.inventory, setting.policy, setting.catalogue))
        followed = [step for thread in threads.values() for step in thread.steps]
        for story in trespasses(self.road.touches, followed, self.setting.policy):
            setting = self.setting
            chapter = self._trespass(story)
            incidents.append(incident_of(chapter, setting.inventory, setting.policy, setting.catalogue))
        incidents.sort(key=lambda incident: (-incident.level, incident.first_seen, incident.id))
        return Telling(tuple(page.finding for page in self.pages), tuple(incidents))

    def _leads_of(self, page: _Page, stepped: Mapping[int, Stay]) -> list[Stay]:
        """The threads a page belongs to: of its steps, of the machine with the tool, or of the hand on its machine."""
        leads = {stepped[id(one.hit)] for one in page.told if id(one.hit) in stepped}
        first = page.told[0].hit
        passing = first.rule.phase is Phase.MOVEMENT or id(first) in self.touching
        root = None
        if not leads and page.tried is not None:
            root = self.weave.root_at(page.tried.origin, first.event.time, page.tried.user)
        elif not leads and (page.told[0].use or not passing):
            root = self.weave.root_at(page.machine, first.event.time, first.event.text("User"))
        if root is not None:
            leads = {self.weave.thread_of(root)}
        return sorted(leads)

    def _chapter(self, thread: Thread, pages: Sequence[_Page]) -> Chapter | None:
        raising = [page for page in pages if page.told[0].raises]
        steps_to_assets = {id(step.move.hit) for step in thread.steps if step.raises}
        reaching = [page for page in pages if any(id(one.hit) in steps_to_assets for one in page.told)]
        if not raising and not reaching:
            return None
        chosen = {id(page) for page in (*raising, *reaching)}
        # Allowed uses beside a raising one are another story, but for the session in which it was done; where none
        # raises, the allowed session is this story.
        kept = [
            page
            for page in pages
            if id(page) not in chosen and (not raising or not _is_allowed_use(page) or page.way_in)
        ]
        return Chapter(
            hosts=tuple(sorted({page.finding.host for page in (*raising, *reaching, *kept)})),
            origins=thread.origins,
            raising=tuple(page.finding for page in raising),
            reaching=tuple(page.finding for page in reaching if not page.told[0].raises),
            context=tuple(page.finding for page in kept),
            edges=edges_of(self._links(thread.steps, raising)),
            read_models=any(step.move.reads for step in thread.steps if step.raises),
        )

    def _trespass(self, story: Sequence[Step]) -> Chapter:
        """A story that begins with no tool: who reached an asset from where."""
        reaching = {id(page): page.finding for page in (self.by_hit[id(step.move.hit)] for step in story)}
        return Chapter(
            hosts=tuple(sorted({finding.host for finding in reaching.values()})),
            origins=(story[0].move.origin,),
            raising=(),
            reaching=tuple(reaching.values()),
            context=(),
            edges=edges_of(self._links(story, ())),
            read_models=any(step.move.reads for step in story),
            tool_seen=False,
        )

    def _links(
        self, steps: Iterable[Step], raising: Iterable[_Page]
    ) -> dict[tuple[str, str, str, str], list[tuple[datetime, str]]]:
        """Every step between two machines, the tool's own way in, and a copy's way out, with the findings that show it."""
        links: dict[tuple[str, str, str, str], list[tuple[datetime, str]]] = defaultdict(list)
        for step in steps:
            move = step.move
            if move.hit.rule.phase is Phase.DISCOVERY:
                continue  # asked after, not gone to
            target = move.asset.name if move.asset else move.target
            page = self.by_hit[id(move.hit)]
            links[move.origin, target, move.protocol, move.user].append((move.event.time, page.finding.id))
        for page in raising:
            finding = page.finding
            tool = self.setting.catalogue.tools.get(finding.tool or "")
            via = tool.id if tool else ""
            if finding.phase in (Phase.SESSION, Phase.UNATTENDED_ACCESS, Phase.COMMAND) and via:
                links["internet", finding.host, via, ""].append((finding.time, finding.id))
            elif finding.action is Action.UPLOAD and via:
                links[finding.host, "internet", via, finding.user].append((finding.time, finding.id))
        return links
