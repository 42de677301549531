"""Whose address was it? Told by two events of one way: the client names the server, and the server the client's address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from detector.triage import names
from detector.triage.movement import Movement
from detector.triage.sighting import Sighting
from detector.triage.timeline import Timeline

#: So near to each other the two ends of one way are logged; clocks of two machines differ.
_ONE_WAY = timedelta(minutes=2)


def paired(moves: Iterable[Movement]) -> list[Sighting]:
    """Names for addresses nobody knew: of one account's way to one machine, seen from both ends at the same time.

    The client's own event (4648, RDP client, a command line) names the machine it went to; the server's (4624, 1149, 21,
    5140) the address it came from. Where two clients went there as that account just then, nobody can tell, and none is named.
    """
    outward: dict[tuple[str, str], Timeline[Movement]] = defaultdict(Timeline)
    inward: list[Movement] = []
    for move in moves:
        account = names.account(move.user)
        if not account or move.failed:
            continue
        if names.address(move.origin) is not None and names.host(move.event.host) != move.origin:
            inward.append(move)
        elif names.host(move.event.host) == move.origin:
            outward[move.target, account].add(move.event.time, move)
    found = []
    for move in inward:
        time = move.event.time
        clients = {
            one.origin for one in outward[move.target, names.account(move.user)].around(time, _ONE_WAY, _ONE_WAY)
        }
        if len(clients) == 1 and names.address(client := clients.pop()) is None:
            found.append(Sighting(move.origin, client, time))
    return found
