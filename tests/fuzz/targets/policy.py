"""Any bytes as ``policy.yml``: a policy by which hits are judged, or ``ConfigError``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from detector.app.scan import load_setting
from detector.config import load_policy
from detector.engine.match import Matcher
from detector.errors import ConfigError
from detector.model.event import Event, RawRecord, Shape
from detector.model.hit import Hit
from detector.normalize import normalize
from detector.rules import compile_regex
from detector.synth.winlogbeat import document as winlogbeat
from detector.triage.fold import Folder
from detector.triage.sighting import AddressBook, sightings
from detector.triage.tell import tell
from detector.triage.walk import Setting
from tests.conftest import ROOT
from tests.fuzz.evidence import rules, told
from tests.fuzz.log_bytes import as_file
from tests.fuzz.target import Target
from tests.fuzz.yaml_changes import changing

_SAMPLES = ROOT / "samples"


@cache
def _setting() -> Setting:
    return load_setting(_SAMPLES / "assets.yml", None)


@cache
def _found() -> tuple[Folder, AddressBook]:
    """Hits of all kinds, of the sample stories."""
    folder, book, matcher = Folder(), AddressBook(), Matcher(rules(), compile_regex)
    for event in told()[::3]:
        happened = normalize(RawRecord("a", "", Shape.WINLOGBEAT, winlogbeat(event)))
        assert isinstance(happened, Event)
        book.add(sightings(happened))
        for hit in matcher.judge(happened):
            assert isinstance(hit, Hit)
            folder.add(hit)
    return folder, book


def _check(data: bytes) -> None:
    setting = _setting()
    with as_file(data) as path:
        try:
            policy = load_policy(path, setting.inventory, setting.catalogue)
        except ConfigError:
            return
    telling = tell(*_found(), Setting(setting.inventory, policy, setting.catalogue))
    assert telling.findings


def _seeds() -> Iterator[bytes]:
    whole = (_SAMPLES / "policy.yml").read_bytes()
    yield whole
    yield b"version: 1\ntimezone: Europe/Berlin\ntools: []\n"
    lines = whole.splitlines(keepends=True)
    yield from (b"".join(lines[: at + 20]) for at in range(0, len(lines), 20))


TARGET = Target(check=_check, seeds=_seeds, change=changing("policy"))
