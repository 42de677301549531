"""``config draft``: a first inventory and policy out of evidence, for review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from detector.app.judge import lost
from detector.app.scan import Request, Watcher, reading
from detector.model.hit import Hit
from detector.model.loss import Loss
from detector.render.draft import Evidence, assets_draft, policy_draft
from detector.rules.uncollected import uncollected
from detector.triage import names
from detector.triage.guess import guesses
from detector.triage.identity import Directory
from detector.triage.seen import seen_tools
from detector.triage.sighting import AddressBook
from detector.triage.uses import judged_uses


@dataclass(frozen=True, slots=True)
class Draft:
    """The texts of the two files, what they are made from, and what could not be read."""

    assets: str
    policy: str
    evidence: Evidence
    losses: tuple[Loss, ...]


def drafted(request: Request, watcher: Watcher | None = None) -> Draft:
    """What the evidence shows of tools and machines. Raises what :func:`detector.app.scan.scan` raises."""
    with reading(replace(request, every_tool=True), watcher or Watcher()) as found, uncollected():
        setting, harvest = found.case.setting, found.harvest
        hits = list(harvest.folder.hits())
        directory = Directory(setting.inventory, harvest.book)
        of_tools = [hit for hit in hits if hit.rule.tool is not None]
        tools = seen_tools(use.traits for use in judged_uses(of_tools, None, directory, setting.catalogue))
        inputs = [one for one in harvest.inputs.values() if one.first_seen is not None and one.last_seen is not None]
        losses = lost(harvest, found.case, found.losses)
        evidence = Evidence(
            files=len(harvest.inputs),
            first=min((one.first_seen for one in inputs if one.first_seen), default=None),
            last=max((one.last_seen for one in inputs if one.last_seen), default=None),
            tools=tools,
            machines=_steady(harvest.book, {hit.event.host for hit in hits}),
            guesses=[(one.asset.name, one.asset.role, one.why) for one in guesses(hits, harvest.book)],
            dns_domains=_domains(hits),
            netbios_domain=_netbios(hits),
            complete=not losses,
        )
    return Draft(assets_draft(evidence), policy_draft(evidence, setting.catalogue), evidence, losses)


def _steady(book: AddressBook, hosts: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Machines that wrote events, with the addresses that were theirs alone, and of which they had few."""
    wanted = set(hosts)
    theirs: dict[str, set[str]] = {}
    for address, spans in book.spans.items():
        called = {names.host(name) for name, _ in spans if "." not in name} - {""}
        if len(called) == 1 and (name := next(iter(called))) in wanted:
            theirs.setdefault(name, set()).add(address)
    return [(name, sorted(some)) for name, some in sorted(theirs.items()) if len(some) <= 2]


def _domains(hits: Iterable[Hit]) -> list[str]:
    seen = Counter(full.split(".", 1)[1] for hit in hits if "." in (full := names.full_host(hit.event.computer)))
    return sorted(seen)


def _netbios(hits: Iterable[Hit]) -> str:
    seen = Counter(domain for hit in hits for domain in _user_domains(hit))
    return min(seen, key=lambda domain: (-seen[domain], domain), default="")


def _user_domains(hit: Hit) -> Iterator[str]:
    user = hit.event.text("User")
    domain = user.split("\\", 1)[0].upper() if "\\" in user else ""
    if domain and domain not in ("NT AUTHORITY", "NT-AUTORITÄT", hit.event.host) and " " not in domain:
        yield domain
