"""Files to records: paths to sources, and each source to ``RawRecord | Loss``, by content, whatever its name."""

from detector.intake.discover import discover
from detector.intake.reading import Reading
from detector.intake.source import Source

__all__ = ["Reading", "Source", "discover"]
