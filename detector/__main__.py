"""The process: errors to messages and exit codes, a closed pipe to a quiet end, Ctrl-C at any time to a plain one."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_STOPPED = "Stopped before anything could be written."


def _end(number: int, frame: FrameType | None) -> None:
    """Ctrl-C while the program is still loading: there is nothing to keep, and no place to raise in that is safe."""
    if sys.stderr is not None:
        os.write(2, f"{_STOPPED}\n".encode())
    os._exit(3)


if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else somebody wants it ignored (nohup, "&")
    signal.signal(signal.SIGINT, _end)

import io  # noqa: E402 - from here on loading takes time
import traceback  # noqa: E402

import click  # noqa: E402

from detector.cli import cli  # noqa: E402
from detector.cli.output import say  # noqa: E402
from detector.errors import DetectorError, ReaderGoneError  # noqa: E402


def main() -> None:
    """Run the command line and end the process with its exit code (see ``detector.cli``)."""
    try:
        code = _run()
    except Exception:
        traceback.print_exc()
        say("rmm-detector: this is a mistake in the program; please report it with the lines above")
        code = DetectorError.exit_code  # Python's own is 1, which here means an incident
    sys.exit(code)


def _run() -> int:
    try:
        result = cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        result = done.exit_code
    except click.ClickException as wrong:
        text = io.StringIO()
        wrong.show(text)
        say(text.getvalue().rstrip("\n"))
        result = 2
    except (click.Abort, KeyboardInterrupt):
        say(_STOPPED)
        result = 3
    except (ReaderGoneError, SystemExit):  # the latter is click's way to tell of a closed pipe
        # Python would complain once more when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        result = ReaderGoneError.exit_code
    except (DetectorError, OSError, MemoryError) as problem:
        say(f"rmm-detector: {_told(problem)}")
        result = problem.exit_code if isinstance(problem, DetectorError) else DetectorError.exit_code
    return result if isinstance(result, int) else 0


def _told(problem: Exception) -> str:
    if isinstance(problem, MemoryError):
        return "out of memory; use fewer --jobs, or scan fewer files at a time"
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.strerror}{f': {problem.filename}' if problem.filename else ''}"
    return str(problem)


if __name__ == "__main__":
    main()
