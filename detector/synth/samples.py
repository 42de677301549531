"""The samples: ``scenarios/*.yml`` rendered into ``evidence/``, and the manifest that says what each file is.

A sample's format is its scenario's ``rendering``; its background is fixed here, so that the bytes never change by chance.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import orjson

from detector.errors import InputError
from detector.synth.evtx import CHUNK, FILE_HEADER
from detector.synth.rendering import Options, render
from detector.synth.scenario import load_scenario

_OPTIONS = Options(background=420, seed=7)


def write_samples(folder: Path) -> int:
    """Render every scenario of ``folder`` afresh and write the manifest; returns how many files of evidence there are.

    Evidence that no scenario makes any more is removed. Raises ``InputError`` if there is no scenario.
    """
    wanted = _render_all(folder)
    for path in _present(folder):
        if path not in wanted:
            (folder / path).unlink()
    for path, data in wanted.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return len(wanted) - 1


def check_samples(folder: Path) -> list[str]:
    """What :func:`write_samples` would change, in words; empty when every byte is as it should be."""
    wanted, present = _render_all(folder), _present(folder)
    differences = [f"{path}: no scenario makes it" for path in present if path not in wanted]
    for path, data in wanted.items():
        if not (folder / path).is_file():
            differences.append(f"{path}: missing")
        elif (folder / path).read_bytes() != data:
            differences.append(f"{path}: differs from what its scenario renders to")
    return sorted(differences)


def _present(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob("evidence/**/*") if path.is_file())


def _render_all(folder: Path) -> dict[str, bytes]:
    """Every file by its path in ``folder``, the manifest last."""
    scenarios = sorted(folder.glob("scenarios/*.yml"))
    if not scenarios:
        raise InputError(f"{folder}: no scenarios/*.yml in it")
    files: dict[str, bytes] = {}
    manifest = []
    with tempfile.TemporaryDirectory() as scratch:
        for source in scenarios:
            scenario = load_scenario(source)
            for path in render(scenario, scenario.rendering, Path(scratch) / scenario.id, options=_OPTIONS):
                name = f"evidence/{scenario.id}/{path.name}"
                files[name] = path.read_bytes()
                manifest.append(_entry(name, files[name], f"scenarios/{source.name}"))
    document = {"schema": "rmm-detector/samples/1", "files": sorted(manifest, key=lambda entry: str(entry["path"]))}
    files["manifest.json"] = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return files


def _entry(name: str, data: bytes, scenario: str) -> dict[str, Any]:
    return {
        "path": name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "records": _records(name, data),
        "scenario": scenario,
    }


def _records(name: str, data: bytes) -> int:
    """How many records a file of ours has: from the chunk headers of EVTX, else its lines."""
    if not name.endswith(".evtx"):
        return data.count(b"\n")
    last = data[FILE_HEADER + (len(data) - FILE_HEADER) // CHUNK * CHUNK - CHUNK :]
    return int.from_bytes(last[16:24], "little")
