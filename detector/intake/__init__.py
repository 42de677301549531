"""Files to records: paths to sources, and each source to ``RawRecord | Loss``, by content, whatever its name."""

from detector.intake.discover import discover
from detector.intake.parts import Part, parts_of
from detector.intake.reading import Reading, holds_log
from detector.intake.screening import Screen
from detector.intake.source import STANDARD_INPUT, Source
from detector.intake.tally import Tally
from detector.intake.tape import StoppedError

__all__ = [
    "STANDARD_INPUT",
    "Part",
    "Reading",
    "Screen",
    "Source",
    "StoppedError",
    "Tally",
    "discover",
    "holds_log",
    "parts_of",
]
