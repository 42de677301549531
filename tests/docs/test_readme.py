"""The README: a real answer, commands that run, links that lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.program import no_traceback, run


def blocks(root: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_answer_shown_is_the_real_one(root: Path) -> None:
    """Issue: "README whose first screen says what it is for, shows the two commands and a real answer"."""
    (shown,) = blocks(root, "text")
    real = (root / "tests/golden/answer.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in shown.splitlines() if line]
    assert len(lines) > 15
    assert [line for line in lines if line not in real] == []


def test_the_make_targets_exist(root: Path) -> None:
    """Issue: "`demo`, `test`, `check`, `bench`, `samples`, `golden`, `fuzz`, `clean`"."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "check", "bench", "samples", "golden", "fuzz", "clean"):
        assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE)
    named = re.findall(r"^\$ make (\w+)", "".join(blocks(root, "console")), re.MULTILINE)
    assert named == ["demo", "test"]


def test_its_commands_run(root: Path, tmp_path: Path) -> None:
    """Issue: "the README's commands run"."""
    (tmp_path / "samples").symlink_to(root / "samples")
    lines = re.findall(r"^\$ \.venv/bin/rmm-detector (.*)$", "".join(blocks(root, "console")), re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        done = run(*shlex.split(line), cwd=tmp_path)
        no_traceback(done)
        assert done.returncode == 1, done.stderr


def test_every_link_leads_to_a_file(root: Path) -> None:
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_page_of_the_docs_is_named_in_the_readme(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in (root / "docs").glob("*.md") if f"docs/{page.name}" not in text] == []
