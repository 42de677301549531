"""The fuzz targets, two at a time: ``python -m tests.fuzz [SECONDS [TARGET ...]]``; see docs/fuzzing.md.

With ``CI=true`` each tries a number of inputs instead, the same ones each time, however quick the machine is.

Prints for each how many inputs it tried and how many places of the code they reached. The exit code is 1 when one shows a
fault; the input is then in ``.fuzz/TARGET/``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.target import load, names

#: A gate that says now this and now that of one commit is none: there every run begins afresh, with the same chance.
_GATE = os.environ.get("CI") == "true"
HOME = Path(".fuzz/gate" if _GATE else ".fuzz")
_AT_ONCE = 2
_OPTIONS = ("-rss_limit_mb=1536", "-timeout=120", "-print_final_stats=1")
_FAULTS = ("crash-*", "timeout-*", "oom-*", "leak-*")
_TOLD = 40


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one target; ``begin`` and ``end`` are places of the code reached by the seeds and in the end."""

    target: str
    tried: int
    begin: int
    end: int
    code: int
    said: str

    @property
    def good(self) -> bool:
        """No fault was shown, and something was tried at all."""
        return self.code == 0 and self.tried > 0

    def __str__(self) -> str:
        word = "" if self.good else "  FAULT"
        return f"{self.target:15} {self.tried:>10,} inputs   {self.begin:>6,} -> {self.end:>6,} places{word}"


def fuzz(target: str, seconds: int) -> Run:
    """Run one target for so long, or for as many inputs as the gate wants."""
    home = HOME / target
    if _GATE:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    until = (f"-runs={load(target).gate}", "-seed=1") if _GATE else (f"-max_total_time={seconds}",)
    command = [sys.executable, "-m", "tests.fuzz.one_run", target, str(home), *until, *_OPTIONS]
    with (home / "log").open("w+", encoding="utf-8", errors="replace") as log:
        settled = os.environ | {"PYTHONHASHSEED": "0"}
        code = subprocess.run(command, stdout=log, stderr=log, env=settled, check=False).returncode
        log.seek(0)
        said = log.read()
    reached = [int(found) for found in re.findall(r"\bcov: (\d+)", said)] or [0]
    tried = re.search(r"number_of_executed_units: (\d+)", said)
    return Run(target, int(tried[1]) if tried else 0, reached[0], reached[-1], code, said)


def _faults(run: Run) -> list[Path]:
    return sorted(path for form in _FAULTS for path in (HOME / run.target).glob(form))


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    if find_spec("atheris") is None:
        print("atheris is not installed: it has no wheel for this system", file=sys.stderr)
        return 1
    bad = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for run in pool.map(lambda target: fuzz(target, seconds), sys.argv[2:] or names()):
            print(run, flush=True)
            if not run.good:
                bad += 1
                print("\n".join(run.said.splitlines()[-_TOLD:]), *_faults(run), sep="\n", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
