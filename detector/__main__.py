"""The process: errors to messages and exit codes, a closed pipe to a quiet end."""

from __future__ import annotations

import os
import sys

import click

from detector.cli import cli
from detector.errors import DetectorError, ReaderGoneError


def main() -> None:
    """Run the command line and end the process with its exit code (see ``detector.cli``)."""
    sys.exit(_run())


def _run() -> int:
    try:
        result = cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        print("Stopped before anything could be written.", file=sys.stderr)
        return 3
    except ReaderGoneError as gone:
        # Python would complain once more when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return gone.exit_code
    except (DetectorError, OSError) as problem:
        print(f"rmm-detector: {problem}", file=sys.stderr)
        return problem.exit_code if isinstance(problem, DetectorError) else DetectorError.exit_code
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
