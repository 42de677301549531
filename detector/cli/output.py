"""Reports to files and streams. A file appears whole or not at all; one that fails costs no other."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from detector.errors import OutputError, ReaderGoneError, UsageError
from detector.model.level import Level
from detector.model.report import Report

_SUFFIXES = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".txt": "text"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the report goes: files with their format, the format for standard output if any, and people on stderr."""

    files: tuple[tuple[Path, str], ...]
    stdout: str | None
    people: bool


def wanted(outputs: Sequence[str], form: str | None, *, quiet: bool) -> Wanted:
    """What the options ask for. Raises ``UsageError`` for a suffix that says no format, or a file named twice."""
    files: list[tuple[Path, str]] = []
    stdout = form
    for name in outputs:
        if name == "-":
            stdout = stdout or "json"
            continue
        suffix = Path(name).suffix.lower()
        if suffix not in _SUFFIXES:
            raise UsageError(f"-o {name}: end the name in {', '.join(sorted(_SUFFIXES))}, or use - with --format")
        files.append((Path(name), _SUFFIXES[suffix]))
    if len({path.absolute() for path, _ in files}) < len(files):
        raise UsageError("-o names one file twice")
    if stdout is None and not files and not quiet:
        stdout = "text"
    return Wanted(tuple(files), stdout, people=not quiet and stdout != "text")


def deliver(report: Report, want: Wanted) -> None:
    """Write the report everywhere it is wanted. Raises ``OutputError`` with every one that failed, after all others."""
    failed = [problem for path, form in want.files if (problem := _to_file(report, path, form))]
    gone, shown = False, False
    if want.stdout is not None:
        try:
            _to_stdout(report, want.stdout)
            shown = True
        except ReaderGoneError:
            gone = True
        except OutputError as problem:
            failed.append(str(problem))
    if want.people or (failed and not shown):  # what was found must not be lost with the file it was meant for
        with contextlib.suppress(OSError):
            _text(report, sys.stderr)
    if failed:
        raise OutputError("\n".join(failed))
    if gone:
        raise ReaderGoneError


def exit_code(report: Report, fail_on: Level) -> int:
    """0 nothing at or above ``fail_on`` and complete; 1 an incident at or above it; 4 nothing found but incomplete."""
    if any(incident.level >= fail_on for incident in report.incidents):
        return 1
    return 0 if report.complete else 4


def _to_file(report: Report, path: Path, form: str) -> str:
    """Write beside the target, then rename; what went wrong in words, or nothing."""
    scratch: Path | None = None
    try:
        if path.exists() and not os.access(path, os.W_OK):  # which renaming would not mind
            raise PermissionError(errno.EACCES, "it is there and write-protected")
        handle, name = tempfile.mkstemp(prefix=".rmm-detector-", dir=path.parent)
        scratch = Path(name)
        with os.fdopen(handle, "wb") as out:
            _write(report, form, out)
            out.flush()
            os.fsync(out.fileno())
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(path)
        scratch = None
    except OSError as problem:
        return f"cannot write {path}: {problem.strerror or problem}; make room or choose another place, and run again"
    finally:  # Ctrl-C too
        if scratch is not None:
            with contextlib.suppress(OSError):
                scratch.unlink()
    return ""


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _to_stdout(report: Report, form: str) -> None:
    if sys.stdout is None:
        raise OutputError("cannot write to standard output: it is closed")
    buffer = BytesIO()
    if form != "text":
        _write(report, form, buffer)
    try:
        if form == "text":
            _text(report, sys.stdout)
        else:
            _write_all(sys.stdout.buffer, buffer.getbuffer())
        sys.stdout.flush()
    except BrokenPipeError as problem:
        raise ReaderGoneError from problem
    except OSError as problem:
        raise OutputError(f"cannot write to standard output: {problem.strerror}") from problem


def _write_all(out: BinaryIO, data: memoryview) -> None:
    """Where Python is told not to buffer, a write may take a part only."""
    while data:
        data = data[out.write(data) :]


def _text(report: Report, stream: TextIO | None) -> None:
    if stream is None:  # closed before the program began
        return
    from detector.render import write_text  # noqa: PLC0415 - not needed by --help

    write_text(report, stream)


def _write(report: Report, form: str, out: BinaryIO) -> None:
    from detector import render  # noqa: PLC0415 - not needed by --help

    writers: dict[str, Callable[[Report, BinaryIO], None]] = {
        "json": render.write_json,
        "jsonl": render.write_jsonl,
        "csv": render.write_csv,
        "text": _plain_text,
    }
    writers[form](report, out)


def _plain_text(report: Report, out: BinaryIO) -> None:
    stream = TextIOWrapper(out, encoding="utf-8", newline="\n", write_through=True)
    _text(report, stream)
    stream.detach()


def say(text: str) -> None:
    """Lines for people, on standard error, in which what came from a file name or a log acts on no terminal."""
    from detector.render.plain import shown  # noqa: PLC0415 - not needed by --help

    with contextlib.suppress(OSError):
        click.echo("\n".join(shown(line) for line in text.split("\n")), err=True)


def put(*cells: str) -> None:
    """A line of a listing, on standard output: cells with tabs between, made harmless."""
    from detector.render.plain import shown  # noqa: PLC0415 - not needed by --help

    click.echo("\t".join(map(shown, cells)))
