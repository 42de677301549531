"""The block screen on JSON: nothing that is found by decoding everything is left out because of it."""

from __future__ import annotations

from tests.fuzz.evidence import json_lines
from tests.fuzz.json_changes import changed
from tests.fuzz.screening import same_either_way
from tests.fuzz.target import Target

TARGET = Target(
    check=same_either_way,
    seeds=json_lines,
    longest=6000,
    change=changed,
    gate=500,
)
