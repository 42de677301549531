"""What judging an event costs: ``python -m tests.bench.matching``. The real recordings, in memory, with both rule sets.

Microseconds of processor time an event, without a screen before it: in the first pass, when rules are compiled, and later.
"""

from __future__ import annotations

import sys
import time

from detector.engine.match import Matcher
from detector.rules import builtin_rules, compile_regex, load_rules
from tests.engine.recordings import SHARED, events_in, recordings

_PASSES = 4


def main() -> int:
    events = [event for file in recordings(SHARED) for event in events_in(file)]
    for name, path in (("public rules", SHARED / "data" / "sigmahq"), ("the pack", builtin_rules())):
        rules = load_rules([path])[0]
        begin = time.process_time()
        matcher = Matcher(rules, compile_regex)
        made = time.process_time() - begin
        passes = []
        for _ in range(_PASSES):
            begin = time.process_time()
            hits = sum(len(matcher.judge(event)) for event in events)
            passes.append((time.process_time() - begin) / len(events) * 1e6)
        print(
            f"{name}: {len(rules.rules):,} rules made in {made * 1e3:.0f} ms; {len(events):,} events, {hits:,} hits; "
            f"{passes[0]:.0f} us an event at first, then {min(passes[1:]):.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
