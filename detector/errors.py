"""Errors that stop a run, as a tree.

::

    DetectorError             exit 3   the run failed
    |-- UsageError            exit 2   the command line asks for something that cannot be
    |   `-- InputError        exit 2   a path that was named does not exist or cannot be opened at all
    |-- ConfigError           exit 2   assets.yml or policy.yml is wrong: all its problems at once
    |-- RuleError             exit 2   a Sigma rule is wrong (a scan keeps going: see below)
    |-- ReportError           exit 2   a report to show is not a report
    `-- OutputError           exit 3   a result could not be written (disk full, no permission)

What stops only *part* of a run is no error but a :class:`detector.model.loss.Loss` in the result: a bad chunk, an
unreadable file in a folder, one broken rule beside good ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class DetectorError(Exception):
    """Anything this program raises on purpose. ``exit_code`` is what the command line ends with."""

    exit_code = 3


class UsageError(DetectorError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class InputError(UsageError):
    """A path that was named does not exist or cannot be opened at all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration or rule file.

    ``line`` and ``column`` count from 1; 0 when the file as a whole is meant. ``key`` is the dotted path of the key
    (``tools[3].hosts``), ``hint`` what to do, often the nearest valid word.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        key = f"{self.key}: " if self.key else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {key}{self.message}{hint}"


#: How many problems a message tells; the rest is a number.
_TOLD = 100


class _ProblemsError(DetectorError):
    """An error that carries a list of :class:`Problem`, so that one run names them all."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:_TOLD]]
        if len(self.problems) > _TOLD:
            lines.append(f"... and {len(self.problems) - _TOLD:,} more problems")
        super().__init__("\n".join(lines))


class ConfigError(_ProblemsError):
    """``assets.yml`` or ``policy.yml`` is wrong. Carries every problem of the file."""


class RuleError(_ProblemsError):
    """A Sigma rule is wrong, or no rule at all could be loaded."""


class ReportError(DetectorError):
    """A file given to ``show`` is not a report of a version this program reads."""

    exit_code = 2


class OutputError(DetectorError):
    """A result could not be written; what was found has still been shown."""


class ReaderGoneError(OutputError):
    """Whoever read standard output has closed it. 141 is what a shell shows for a program ended by SIGPIPE."""

    exit_code = 141
