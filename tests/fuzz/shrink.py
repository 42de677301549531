"""An input that shows a fault, as small as it can be: ``python -m tests.fuzz.shrink TARGET FILE`` writes ``FILE.small``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.limits import limited
from tests.fuzz.target import load


def fault(check: Callable[[bytes], object], data: bytes) -> str:
    """What goes wrong, and where; empty when nothing does."""
    try:
        with limited():
            check(data)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        return f"{type(error).__name__} at {trace.tb_frame.f_code.co_qualname if trace else ''}"
    return ""


def shrunk(data: bytes, same: Callable[[bytes], bool]) -> bytes:
    """The smallest bytes of which ``same`` is still true, by leaving out ever shorter stretches."""
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            less = data[:at] + data[at + size :]
            if same(less):
                data = less
            else:
                at += size
        size //= 2
    return data


def main() -> None:
    target, path = load(sys.argv[1]), Path(sys.argv[2])
    data = path.read_bytes()
    shown = fault(target.check, data)
    print(shown or "nothing is wrong with it")
    if shown:
        small = shrunk(data, lambda less: fault(target.check, less) == shown)
        path.with_name(f"{path.name}.small").write_bytes(small)
        print(f"{len(data):,} -> {len(small):,} bytes")


if __name__ == "__main__":
    main()
