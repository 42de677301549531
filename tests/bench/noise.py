"""How often the pack speaks where nothing is wrong, or something else is: ``python -m tests.bench.noise``.

Every rule on three kinds of log: an ordinary one, made of what :mod:`detector.synth.background` writes around each sample; the
recorded attacks, none of which uses a remote tool but one; the eight Security-Datasets, minutes of whole laboratories. The
records are read from files, normalised and matched as a scan does it. A use rule's hit is a finding by itself; a context
rule's is told only around a use, so its number is not what anybody is shown.
"""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.engine.match import Matcher
from detector.intake import Reading, Source, discover
from detector.model.event import Event, RawRecord
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.rule import Role, Rule, RuleSet
from detector.normalize import normalize
from detector.rules import builtin_rules, compile_regex, load_rules
from detector.synth.background import background
from detector.synth.events import complete
from detector.synth.evtx import write_evtx
from detector.synth.scenario import load_scenario
from detector.synth.to_evtx import record
from tests.bench.corpus import PLACE, RECORDINGS, SAMPLES, SHARED

LABORATORIES = SHARED / "data/otrf"
RATE = 100_000
NOISIEST = 10
_ORDINARY = 100_000
_SEED = 19


@dataclass(frozen=True, slots=True)
class Heard:
    """How many events there were, and how many of them each rule was true of."""

    events: int
    hits: dict[str, int]  # by the rule's id
    rules: dict[str, Rule]

    def most(self) -> list[tuple[Rule, int]]:
        """The rules that were true at all, the most often true first."""
        return sorted(((self.rules[key], n) for key, n in self.hits.items()), key=lambda pair: (-pair[1], pair[0].path))

    def rate(self, role: Role, level: Level) -> float:
        """Hits per 100,000 events."""
        return per(sum(n for rule, n in self.most() if (rule.role, rule.level) == (role, level)), self.events)


def per(hits: int, events: int) -> float:
    """Of 100,000 events."""
    return hits * RATE / events if events else 0.0


def events_below(folder: Path) -> Iterator[Event]:
    """Every record below a folder that can be read, normalised; what is damaged is another matter."""
    for source in discover([str(folder)]):
        if isinstance(source, Source):
            made = (normalize(one) for one in Reading(source) if isinstance(one, RawRecord))
            yield from (event for event in made if isinstance(event, Event))


def heard(folder: Path, rules: RuleSet) -> Heard:
    """The rules on all that lies below a folder."""
    matcher = Matcher(rules, compile_regex)
    hits: Counter[str] = Counter()
    events = 0
    for event in events_below(folder):
        events += 1
        hits.update(hit.rule.id for hit in matcher.judge(event) if isinstance(hit, Hit))
    return Heard(events, dict(hits), {rule.id: rule for rule in rules.rules})


def ordinary(place: Path, count: int = _ORDINARY) -> Path:
    """A folder of ordinary logs, a file for each sample's hosts; made once and kept."""
    folder = place / f"ordinary-{count}-{_SEED}"
    if not folder.is_dir():
        scratch = place / f"{folder.name}.part"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        scenarios = sorted(SAMPLES.glob("scenarios/*.yml"))
        for path in scenarios:
            events = complete(background(load_scenario(path), count // len(scenarios), _SEED))
            write_evtx(scratch / f"{path.stem}.evtx", [record(event) for event in events])
        scratch.rename(folder)
    return folder


def laboratories(place: Path, archives: Path = LABORATORIES) -> Path:
    """A folder of what the archives hold; made once and kept."""
    folder = place / "laboratories"
    if not folder.is_dir():
        scratch = place / f"{folder.name}.part"
        shutil.rmtree(scratch, ignore_errors=True)
        for archive in sorted(archives.glob("*.zip")):
            with zipfile.ZipFile(archive) as files:
                files.extractall(scratch / archive.stem)
        scratch.rename(folder)
    return folder


def show(what: str, found: Heard) -> None:
    """The rates by role and level, and the rules that are heard most."""
    print(f"noise: {what}, {found.events:,} events; hits per {RATE:,} events")
    for role in Role:
        told = "  ".join(f"{level.word} {found.rate(role, level):.1f}" for level in Level if found.rate(role, level))
        print(f"  {role.value:<8} {told or 'none'}")
    for rule, hits in found.most()[:NOISIEST]:
        name = Path(rule.path).relative_to(builtin_rules()).with_suffix("").as_posix()
        print(
            f"    {per(hits, found.events):9.1f}  {hits:6,}  {rule.role.value:<8} {rule.level.word:<14} {name}",
            flush=True,
        )


def measure() -> None:
    """Print the noise of the pack on each kind of log that is here."""
    rules = load_rules([builtin_rules()])[0]
    show("ordinary log", heard(ordinary(PLACE), rules))
    if RECORDINGS.is_dir():
        show("277 recorded attacks", heard(RECORDINGS, rules))
    if LABORATORIES.is_dir():
        show("eight Security-Datasets", heard(laboratories(PLACE), rules))


if __name__ == "__main__":
    measure()
