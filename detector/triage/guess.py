"""Which machines may hold or serve models, where nobody listed them: guessed from what they do (rmm-facts 4.2 and 4.3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from detector.model.asset import Asset
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.rule import Phase
from detector.triage import names
from detector.triage.sighting import AddressBook

#: "Model server, training job or notebook started": which programs these are, the rule knows.
SERVER_RULE = "e635088c-2132-4f6a-b57e-76ce41426dd8"

#: Ports that hardly anything else listens on: Ollama, Ray, Gradio, ComfyUI, Milvus, Qdrant, torch's rendezvous.
_PORTS = {
    "11434": "Ollama", "8265": "Ray", "10001": "Ray", "7860": "Gradio", "8188": "ComfyUI", "19530": "Milvus",
    "6333": "Qdrant", "29500": "torch.distributed",
}  # fmt: skip


class _Sign(NamedTuple):
    """What one event says of a machine, by name or address."""

    machine: str
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A machine that may be an AI asset: what it seems to be, and in words what it was taken for that by."""

    asset: Asset
    why: str


def guesses(hits: Iterable[Hit], book: AddressBook) -> list[Guess]:
    """The machines that may be AI assets, by name; each with its most frequent role."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for hit in hits:
        for sign in _signs(hit):
            machine = _named(sign.machine, hit.event, book)
            if machine:
                seen[machine][sign.role, sign.why] += 1
    found = []
    for machine, signs in sorted(seen.items()):
        (role, _), _ = min(signs.items(), key=lambda item: (-item[1], item[0]))
        said = sorted({why for _, why in signs})
        found.append(Guess(Asset(machine, role, "medium"), " and ".join(said)))
    return found


def _signs(hit: Hit) -> Iterator[_Sign]:
    event = hit.event
    if hit.rule.id == SERVER_RULE:
        yield _Sign(
            event.host,
            "inference",
            f"{names.file_name(event.text('Image'))} ran there, a model server or training",
        )
    if hit.rule.phase is Phase.COLLECTION and event.ref.event_id == 5145:
        yield _Sign(event.host, "weights", "model files were opened on its shares")
    port = event.text("DestinationPort") or event.text("DestPort")
    outbound = event.text("Initiated").lower() == "true" or event.text("Direction") in ("%%14593", "Outbound")
    if port in _PORTS and outbound:
        there = event.text("DestinationHostname").strip("-") or event.text("DestinationIp") or event.text("DestAddress")
        yield _Sign(there, "inference", f"it was asked on the port of {_PORTS[port]}")


def _named(machine: str, event: Event, book: AddressBook) -> str:
    """The machine's short name, or its address inside where no event tells one; empty for what is out on the Internet."""
    found = names.address(machine)
    if found is None:
        return names.host(machine)
    if found.is_loopback or found.is_unspecified or found.is_multicast:
        return ""
    known = next((name for name in book.names_of(str(found), event.time) if "." not in name), "")
    return names.host(known) if known else str(found) if found.is_private else ""
