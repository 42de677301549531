"""The architecture, held: what each floor may import, how large a module may be, what no committed file may say."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = "detector"
PURE = ("errors.py", "model", "normalize", "engine", "triage")

#: "Each third-party library is imported in one place" (DESIGN.md): top-level module -> the packages that own it.
OWNERS = {
    "sigma": {"rules"},
    "re2": {"rules"},
    "hyperscan": {"screen"},
    "regex": {"rules"},
    "evtx": {"intake"},
    "orjson": {"intake", "rules", "synth", "render"},
    "yaml": {"rules", "config", "synth"},
    "rich": {"render", "cli"},
    "click": {"cli", "__main__.py"},
}


def modules(root: Path) -> list[Path]:
    return sorted((root / PACKAGE).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names of all absolute imports of a module, those inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def third_party(path: Path) -> set[str]:
    return imported(path) - set(sys.stdlib_module_names) - {PACKAGE}


def test_floors_0_to_2_import_the_standard_library_only(root: Path) -> None:
    """Issue: "a test that floors 0-2 import the standard library only"."""
    pure = [path for path in modules(root) if path.relative_to(root / PACKAGE).parts[0] in PURE]
    assert len(pure) > 30
    assert {str(path.relative_to(root)): found for path in pure if (found := third_party(path))} == {}


def test_each_library_is_imported_in_one_place(root: Path) -> None:
    """DESIGN.md: "Each third-party library is imported in one place"."""
    strays = []
    for path in modules(root):
        owner = path.relative_to(root / PACKAGE).parts[0]
        strays += [
            f"{path.relative_to(root)}: {name}" for name in third_party(path) if owner not in OWNERS.get(name, set())
        ]
    assert strays == []


def test_nothing_is_unpickled(root: Path) -> None:
    """SECURITY: "no pickle is ever read from a file"; whoever could write it would run code of theirs."""
    forbidden = {"pickle", "marshal", "shelve"}
    assert {str(path.relative_to(root)): found for path in modules(root) if (found := imported(path) & forbidden)} == {}


def test_every_owned_library_is_used(root: Path) -> None:
    """A library nobody imports is a dependency to drop."""
    used = set().union(*(third_party(path) for path in modules(root)))
    assert used == set(OWNERS)


@pytest.mark.parametrize("folder", ["detector", "tests"])
def test_no_module_has_more_than_300_lines(root: Path, folder: str) -> None:
    """DESIGN.md: "modules near 100 lines, 300 at most"."""
    sizes = {
        str(p.relative_to(root)): len(p.read_text(encoding="utf-8").splitlines()) for p in (root / folder).rglob("*.py")
    }
    assert {name: lines for name, lines in sizes.items() if lines > 300} == {}


def test_no_utils(root: Path) -> None:
    """DESIGN.md: "No `utils`, no `helpers`"."""
    assert [str(p) for p in modules(root) if p.stem in {"utils", "util", "helpers", "helper", "misc", "common"}] == []


def test_no_committed_file_names_a_registry_or_this_machine(root: Path) -> None:
    """Issue: "no committed file names a registry's host or a path of this machine"."""
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    forbidden = (
        b"pypi." + b"org",
        b"files.pythonhosted" + b".org",
        b"/ro" + b"ot/",
        b"/wo" + b"rk/",
        b"--index" + b"-url",
        b"--find" + b"-links",
    )
    bad = [
        f"{name}: {word.decode()}"
        for name in listed
        if name and not name.endswith(".evtx") and (root / name).is_file()
        for word in forbidden
        if word in (root / name).read_bytes()
    ]
    assert bad == []
