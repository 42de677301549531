"""JSON files made by chance: events, one on each line, and whatever else is found in such files."""

from __future__ import annotations

import json
from random import Random


def event(chance: Random, number: int) -> bytes:
    """One event on a line, as Winlogbeat, NXLog or Elasticsearch write it."""
    command = chance.choice(("cmd /c dir", "a{b}c", 'say "x"', "C:\\a\\", "\u00e9\u212a"))
    winlog = {
        "event_id": 1,
        "record_id": number,
        "channel": "C",
        "computer_name": "A",
        "event_data": {"CommandLine": command},
    }
    document = {"@timestamp": "2025-10-14T03:52:20.123Z", "winlog": winlog}
    whole = chance.choice((document, document, {"_index": "x", "_source": document}))
    return json.dumps(
        whole, ensure_ascii=chance.random() < 0.5, separators=chance.choice(((",", ":"), (", ", ": ")))
    ).encode()


def _cut(chance: Random, line: bytes) -> bytes:
    """Its begin: what ends with a bracket may look whole, and ends elsewhere."""
    end = chance.randrange(2, len(line) - 2)
    while line[end - 1 : end] in (b"}", b":", b" ") or not line[:end].strip():
        end -= 1
    return line[:end]


def odd(chance: Random, number: int) -> bytes:
    """Something else than one event on one line."""
    one, two = event(chance, number), event(chance, number + 1)
    stranger = b'{"ts": 1, "proto": "tcp"}'
    pretty = json.dumps(json.loads(one), indent=1).encode()
    response = b'{"took": 1, "hits": {"total": 2, "hits": [' + one + b"," + two + b"]}}"
    return chance.choice(
        (
            *(
                _cut(chance, one),
                _cut(chance, one) + two,
                one[1:],
                b"",
                b"  ",
                pretty,
                b"[" + one + b"," + two + b"]",
                response,
            ),
            *(
                one + two,
                one + b" " + two,
                bytes(40),
                one[:30] + bytes(9) + one[30:],
                one.replace(b"cmd", b"\xff\xfe"),
                b"\x1e" + one,
            ),
            *(
                b"\xef\xbb\xbf" + one,
                stranger,
                b"not JSON at all",
                b"{not JSON}"[:-1],
                one + b",",
                b" " + one,
                one + b"\r",
                b"{}",
            ),
        )
    )


def file(chance: Random, lines: int, share: float) -> bytes:
    """A file of so many lines, a share of which are odd; its end may be cut off."""
    made = [
        event(chance, number * 10) if number == 0 or chance.random() >= share else odd(chance, number * 10)
        for number in range(lines)
    ]
    end = chance.choice((b"\n", b"\n", b"\r\n"))
    whole = end.join(made) + end
    return whole[: -len(end)] if chance.random() < 0.2 else whole[: chance.randint(len(whole) - 40, len(whole))]
