"""The frame of fuzzing: faults are seen, inputs made small, and what is put together fits."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.event_log import body_of, file_of, put_together, records_of
from tests.fuzz.evidence import bodies, json_lines
from tests.fuzz.json_changes import changed as changed_json
from tests.fuzz.limits import TooSlowError, limited
from tests.fuzz.log_bytes import read
from tests.fuzz.shrink import fault, shrunk
from tests.fuzz.target import WORDS, load, names
from tests.fuzz.yaml_changes import changing


def test_what_never_ends_is_ended() -> None:
    def endless(data: bytes) -> None:
        while data:
            pass

    with pytest.raises(TooSlowError), limited(0.05):
        endless(b"a")


def test_a_fault_is_named_and_its_input_made_small() -> None:
    def check(data: bytes) -> None:
        if b"a" in data and b"z" in data:
            raise ValueError("both")

    assert fault(check, b"a") == ""
    shown = fault(check, b"....a....z....")
    assert shown.startswith("ValueError at ")
    assert shown.endswith("check")
    assert shrunk(b"....a....z....", lambda less: fault(check, less) == shown) == b"az"


def test_records_put_together_are_a_sound_log() -> None:
    """Else the screen would see no chunk of it, and every record would be read whatever the screen says."""
    for body in bodies():
        again = put_together(records_of(body))
        records, losses = read(file_of(again))
        assert (len(records), losses) == (len(records_of(body)), [])
        assert body_of(file_of(again)) == again


def test_changes_leave_most_of_it_as_it_was() -> None:
    """What is hardly ever a log any more would never get far."""
    chance = Random(1)
    lines = list(json_lines())
    logs = [changed_json(chance.choice(lines), chance, lambda data, most: data[::-1], 6000) for _ in range(100)]
    assert sum(bool(read(log)[0]) for log in logs) > 50
    assert sum(log in lines for log in logs) < 20


@pytest.mark.parametrize("name", ["assets", "policy", "rules"])
def test_yaml_is_changed(name: str) -> None:
    chance, change = Random(1), changing(name)
    seed = next(load(name).seeds())
    assert len({change(seed, chance, lambda data, most: data, 4096) for _ in range(50)}) > 40


def test_words_are_of_targets() -> None:
    assert {path.stem for path in WORDS.iterdir()} - set(names()) == {"yaml_values"}
